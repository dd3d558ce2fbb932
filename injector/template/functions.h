#pragma once

// The functions that injection templates may call besides Go's own: sprig's TxtFuncMap (3.3.0) and
// Istio's 26 over it, each as Go runs it, errors included.
//
// Left out, so that a template naming one does not load: what depends on chance (rand*, shuffle,
// uuidv4, gen*, bcrypt, htpasswd, encryptAES), on the clock (now, ago), on the network
// (getHostByName), on the process's environment (expandenv), or makes use of secrets
// (derivePassword, decryptAES). What is left gives the same wherever and whenever it runs.
//
// Where that, or safety, asks for it, a function does otherwise than Go's:
//   - env gives its default. date, htmlDate, durationRound and the like know UTC only, and refuse
//     what Go would take the present time for.
//   - keys and values are sorted, where Go's order is chance.
//   - set, unset and merge change dicts that templates made; of data (.Values) they give a changed
//     copy. A dict cannot come to contain itself.
//   - int and int64 are one type, called int: `until (add 1 1)` is no error, `duration 95` no zero.
//     Methods that take arguments, of times and versions, do not exist.
//   - What would be larger than 4 MiB, have more than 100,000 elements or be nested more than 200
//     levels deep is an error; so are regular expressions on texts of more than 256 KiB.
//   - Regular expressions are RE2's, which Go's are too, but for bytes that are no UTF-8.

#include "injector/template/value.h"

namespace sluice::tmpl {

/// By name. Where sprig and Istio both have one, Istio's counts. Made once, never changed.
[[nodiscard]] const FunctionTable& injection_functions();

}  // namespace sluice::tmpl
