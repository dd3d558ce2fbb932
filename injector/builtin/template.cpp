#include "injector/builtin/template.h"

namespace sluice::injector {

// Every text that is not ours goes through toJson, which makes a YAML scalar of it that can hold
// anything: no annotation can add a line. What a value of the values does not say has its default
// here, so that they may be as few as one likes.
const char* const kBuiltinTemplate = R"TEMPLATE(
{{- $meta := .ObjectMeta -}}
{{- $settings := .Values.global.proxy | default dict -}}
{{- $mode := annotation $meta `sidecar.istio.io/interceptionMode` .ProxyConfig.InterceptionMode -}}
{{- $tproxy := eq $mode `TPROXY` -}}
{{- $statusPort := annotation $meta `status.sidecar.istio.io/port` .ProxyConfig.StatusPort -}}
{{- $native := .NativeSidecars -}}
{{- $wish := index $meta.Annotations `sidecar.istio.io/nativeSidecar` -}}
{{- if eq $wish `true` `false` }}{{ $native = eq $wish `true` }}{{ end -}}
{{- $hold := .ProxyConfig.HoldApplicationUntilProxyStarts.GetValue -}}
{{- if $settings.holdApplicationUntilProxyStarts }}{{ $hold = true }}{{ end -}}
{{- $names := list -}}
{{- $ports := list -}}
{{- range .Spec.Containers -}}
  {{- if ne .Name `istio-proxy` -}}
    {{- $names = append $names .Name -}}
  {{- end -}}
  {{- range .Ports }}{{ $ports = append $ports . }}{{ end -}}
{{- end -}}
{{- $trustDomain := .Values.global.trustDomain | default .MeshConfig.TrustDomain -}}
{{- $app := index $meta.Labels `app.kubernetes.io/name` -}}
{{- $app = $app | default (index $meta.Labels `app`) | default .DeploymentMeta.Name -}}
{{- $version := index $meta.Labels `app.kubernetes.io/version` -}}
{{- $version = $version | default (index $meta.Labels `version`) | default `latest` -}}
metadata:
  labels:
    security.istio.io/tlsMode: {{ index $meta.Labels `security.istio.io/tlsMode` | default `istio` | toJson }}
    service.istio.io/canonical-name: {{ index $meta.Labels `service.istio.io/canonical-name` | default $app | trunc 63 | trimAll `-_.` | toJson }}
    service.istio.io/canonical-revision: {{ index $meta.Labels `service.istio.io/canonical-revision` | default $version | trunc 63 | trimAll `-_.` | toJson }}
  annotations:
    istio.io/rev: {{ .Revision | default `default` | toJson }}
    sidecar.istio.io/interceptionMode: {{ $mode | toJson }}
    {{- range $name, $value := dict
        `includeOutboundIPRanges` $settings.includeIPRanges
        `excludeOutboundIPRanges` $settings.excludeIPRanges
        `includeOutboundPorts` $settings.includeOutboundPorts
        `excludeOutboundPorts` $settings.excludeOutboundPorts
        `includeInboundPorts` $settings.includeInboundPorts
        `excludeInboundPorts` $settings.excludeInboundPorts }}
    {{- $annotation := printf `traffic.sidecar.istio.io/%s` $name }}
    {{- if and $value (not (isset $meta.Annotations $annotation)) }}
    {{ $annotation }}: {{ toString $value | toJson }}
    {{- end }}
    {{- end }}
    {{- if ne $statusPort `15020` }}
    status.sidecar.istio.io/port: {{ $statusPort | toJson }}
    {{- end }}
    {{- with $names }}
    {{- range list `kubectl.kubernetes.io/default-container` `kubectl.kubernetes.io/default-logs-container` }}
    {{- if not (isset $meta.Annotations .) }}
    {{ . }}: {{ first $names | toJson }}
    {{- end }}
    {{- end }}
    {{- end }}
spec:
  {{ if $native }}initContainers:{{ else }}containers:{{ end }}
  - name: istio-proxy
    {{- $image := index $meta.Annotations `sidecar.istio.io/proxyImage` }}
    image: {{ if contains `/` $image }}{{ toJson $image }}{{ else }}{{ toJson .ProxyImage }}{{ end }}
    {{- with .Values.global.imagePullPolicy }}
    imagePullPolicy: {{ toJson . }}
    {{- end }}
    {{- if $native }}
    restartPolicy: Always
    {{- end }}
    args:
    - proxy
    - sidecar
    - --domain
    - $(POD_NAMESPACE).svc.{{ $settings.clusterDomain | default `cluster.local` }}
    - {{ annotation $meta `sidecar.istio.io/logLevel` ($settings.logLevel | default `warning`) | printf `--proxyLogLevel=%s` | toJson }}
    - {{ annotation $meta `sidecar.istio.io/componentLogLevel` ($settings.componentLogLevel | default `misc:error`) | printf `--proxyComponentLogLevel=%s` | toJson }}
    - {{ annotation $meta `sidecar.istio.io/agentLogLevel` ($settings.agentLogLevel | default `default:info`) | printf `--log_output_level=%s` | toJson }}
    ports:
    - name: http-envoy-prom
      containerPort: 15090
      protocol: TCP
    {{- if $native }}
    lifecycle:
      preStop:
        exec:
          command: [pilot-agent, request, {{ printf `--debug-port=%s` $statusPort | toJson }}, POST, drain]
    {{- else if $hold }}
    lifecycle:
      postStart:
        exec:
          command: [pilot-agent, wait]
    {{- end }}
    env:
    {{- range $name, $field := dict
        `POD_NAME` `metadata.name` `POD_NAMESPACE` `metadata.namespace` `INSTANCE_IP` `status.podIP`
        `HOST_IP` `status.hostIP` `SERVICE_ACCOUNT` `spec.serviceAccountName`
        `ISTIO_META_NODE_NAME` `spec.nodeName` }}
    - name: {{ $name }}
      valueFrom:
        fieldRef:
          fieldPath: {{ $field }}
    {{- end }}
    {{- range $name, $resource := dict
        `ISTIO_CPU_LIMIT` `limits.cpu` `GOMAXPROCS` `limits.cpu` `GOMEMLIMIT` `limits.memory` }}
    - name: {{ $name }}
      valueFrom:
        resourceFieldRef:
          resource: {{ $resource }}
          divisor: "1"
    {{- end }}
    - name: JWT_POLICY
      value: third-party-jwt
    - name: PILOT_CERT_PROVIDER
      value: {{ .Values.global.pilotCertProvider | default `istiod` | toJson }}
    - name: CA_ADDR
      value: {{ .Values.global.caAddress | default .ProxyConfig.DiscoveryAddress | toJson }}
    - name: TRUST_DOMAIN
      value: {{ toJson $trustDomain }}
    - name: PROXY_CONFIG
      value: {{ protoToJSON .ProxyConfig | toJson }}
    - name: ISTIO_META_MESH_ID
      value: {{ .Values.global.meshID | default $trustDomain | toJson }}
    - name: ISTIO_META_CLUSTER_ID
      value: {{ .Values.global.multiCluster.clusterName | default `Kubernetes` | toJson }}
    {{- with .Values.global.network }}
    - name: ISTIO_META_NETWORK
      value: {{ toJson . }}
    {{- end }}
    - name: ISTIO_META_INTERCEPTION_MODE
      value: {{ toJson $mode }}
    - name: ISTIO_META_POD_PORTS
      value: {{ toJson $ports | toJson }}
    - name: ISTIO_META_APP_CONTAINERS
      value: {{ join `,` $names | toJson }}
    {{- with index $meta.Labels `service.istio.io/workload-name` | default .DeploymentMeta.Name }}
    - name: ISTIO_META_WORKLOAD_NAME
      value: {{ toJson . }}
    {{- end }}
    {{- if .DeploymentMeta.Name }}
    - name: ISTIO_META_OWNER
      value: {{ printf `kubernetes://apis/%s/namespaces/%s/%ss/%s` .TypeMeta.APIVersion (.DeploymentMeta.Namespace | default `default`) (toLower .TypeMeta.Kind) .DeploymentMeta.Name | toJson }}
    {{- end }}
    {{- if eq .InboundTrafficPolicyMode `localhost` }}
    - name: REWRITE_PROBE_LEGACY_LOCALHOST_DESTINATION
      value: "true"
    {{- end }}
    {{- with .CompliancePolicy }}
    - name: COMPLIANCE_POLICY
      value: {{ toJson . }}
    {{- if eq . `fips-140-3` }}
    - name: GODEBUG
      value: fips140=only
    {{- end }}
    {{- end }}
    {{- with otelResourceAttributes .MeshConfig $meta.Annotations $meta.Labels .DeploymentMeta.Namespace .Spec.Containers }}
    - name: OTEL_RESOURCE_ATTRIBUTES
      value: {{ toJson . }}
    {{- end }}
    {{- range $name, $value := .ProxyConfig.ProxyMetadata }}
    - name: {{ toJson $name }}
      value: {{ toJson $value }}
    {{- end }}
    {{- if ne $statusPort `0` }}
    startupProbe:
      httpGet:
        path: /healthz/ready
        port: 15021
      periodSeconds: 1
      timeoutSeconds: 3
      failureThreshold: 600
    readinessProbe:
      httpGet:
        path: /healthz/ready
        port: 15021
      initialDelaySeconds: {{ annotation $meta `readiness.status.sidecar.istio.io/initialDelaySeconds` 0 }}
      periodSeconds: {{ annotation $meta `readiness.status.sidecar.istio.io/periodSeconds` 15 }}
      timeoutSeconds: 3
      failureThreshold: {{ annotation $meta `readiness.status.sidecar.istio.io/failureThreshold` 4 }}
    {{- end }}
    securityContext:
      allowPrivilegeEscalation: false
      privileged: false
      readOnlyRootFilesystem: true
      {{- if $tproxy }}
      capabilities:
        add: [NET_RAW]
        drop: [ALL]
      runAsNonRoot: false
      runAsUser: 0
      runAsGroup: 1337
      {{- else }}
      capabilities:
        drop: [ALL]
      runAsNonRoot: true
      runAsUser: {{ .ProxyUID }}
      runAsGroup: {{ .ProxyGID }}
      {{- end }}
      seccompProfile: {{ $settings.seccompProfile | default (dict `type` `RuntimeDefault`) | toJson }}
    {{- $requests := dict }}
    {{- $limits := dict }}
    {{- with index $meta.Annotations `sidecar.istio.io/proxyCPU` }}{{ $_ := set $requests `cpu` . }}{{ end }}
    {{- with index $meta.Annotations `sidecar.istio.io/proxyMemory` }}{{ $_ := set $requests `memory` . }}{{ end }}
    {{- with index $meta.Annotations `sidecar.istio.io/proxyCPULimit` }}{{ $_ := set $limits `cpu` . }}{{ end }}
    {{- with index $meta.Annotations `sidecar.istio.io/proxyMemoryLimit` }}{{ $_ := set $limits `memory` . }}{{ end }}
    {{- if or $requests $limits }}
    resources: {{ dict `requests` $requests `limits` $limits | toJson }}
    {{- else if $settings.resources }}
    resources: {{ toJson $settings.resources }}
    {{- else }}
    resources:
      requests: {cpu: 100m, memory: 128Mi}
      limits: {cpu: "2", memory: 1Gi}
    {{- end }}
    volumeMounts:
    - {name: workload-socket, mountPath: /var/run/secrets/workload-spiffe-uds}
    - {name: credential-socket, mountPath: /var/run/secrets/credential-uds}
    - {name: workload-certs, mountPath: /var/run/secrets/workload-spiffe-credentials}
    - {name: istiod-ca-cert, mountPath: /var/run/secrets/istio}
    - {name: istio-data, mountPath: /var/lib/istio/data}
    - {name: istio-envoy, mountPath: /etc/istio/proxy}
    - {name: istio-token, mountPath: /var/run/secrets/tokens}
    - {name: istio-podinfo, mountPath: /etc/istio/pod}
  volumes:
  - name: workload-socket
    emptyDir: {}
  - name: credential-socket
    emptyDir: {}
  - name: workload-certs
    emptyDir: {}
  - name: istio-data
    emptyDir: {}
  - name: istio-envoy
    emptyDir: {medium: Memory}
  - name: istiod-ca-cert
    configMap:
      name: {{ .Values.global.trustBundleName | default `istio-ca-root-cert` | toJson }}
  - name: istio-token
    projected:
      sources:
      - serviceAccountToken:
          path: istio-token
          audience: {{ .Values.global.tokenAudience | default `istio-ca` | toJson }}
          expirationSeconds: 43200
  - name: istio-podinfo
    downwardAPI:
      items:
      - path: labels
        fieldRef: {fieldPath: metadata.labels}
      - path: annotations
        fieldRef: {fieldPath: metadata.annotations}
  {{- with .Values.global.imagePullSecrets }}
  imagePullSecrets:
  {{- range . }}
  - name: {{ toJson . }}
  {{- end }}
  {{- end }}
)TEMPLATE";

}  // namespace sluice::injector
