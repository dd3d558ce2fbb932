#pragma once

// core/v1 Pod and what is below it, as of Kubernetes 1.36.

#include "conf/schema/type.h"

namespace sluice::schema {

extern const Type kPod;         ///< v1.Pod
extern const Type kObjectMeta;  ///< v1.ObjectMeta
extern const Type kPodSpec;     ///< v1.PodSpec
extern const Type kContainer;   ///< v1.Container
extern const Type kTypeMeta;    ///< v1.TypeMeta

}  // namespace sluice::schema
