{{- define "troupe.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 40 | trimSuffix "-" -}}
{{- end }}

{{- define "troupe.fullname" -}}
{{- $name := include "troupe.name" . -}}
{{- if contains $name .Release.Name }}{{ .Release.Name | trunc 40 | trimSuffix "-" }}{{ else }}{{ printf "%s-%s" .Release.Name $name | trunc 40 | trimSuffix "-" }}{{ end -}}
{{- end }}

{{- define "troupe.labels" -}}
app.kubernetes.io/name: troupe
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{- /* Also the labels of Pods: a version among them would restart NATS with every release. dict "root" $ "component" "gateway" */}}
{{- define "troupe.selector" -}}
app.kubernetes.io/name: troupe
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end }}

{{- /* dict "root" $ "image" .Values.image */}}
{{- define "troupe.image" -}}
{{- $tag := default .root.Chart.AppVersion .image.tag -}}
{{ .root.Values.imageRegistry }}{{ .image.repository }}{{ if .image.digest }}@{{ .image.digest }}{{ else }}:{{ $tag }}{{ end }}
{{- end }}

{{- define "troupe.natsUrl" -}}
{{- if .Values.nats.enabled }}nats://{{ include "troupe.fullname" . }}-nats.{{ .Release.Namespace }}.svc:4222{{ else }}{{ required "nats.url is needed when nats.enabled is false" .Values.nats.url }}{{ end -}}
{{- end }}

{{- define "troupe.grantSecret" -}}
{{- default (printf "%s-grant" (include "troupe.fullname" .)) .Values.grantKey.existingSecret -}}
{{- end }}

{{- /* Every Pod of the chart passes the restricted pod security standard. */}}
{{- define "troupe.podSecurity" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
fsGroup: 65532
seccompProfile:
  type: RuntimeDefault
{{- end }}

{{- define "troupe.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end }}

{{- /* Gateways of this site, and of other sites of this cluster: {"gateways": [{"site", "component", "suffix", "settings"}]}. Those of one
site do not stand in for those of another. */}}
{{- define "troupe.gateways" -}}
{{- $all := list (dict "site" .Values.site "component" "gateway" "suffix" "gateway" "settings" .Values.gateway) -}}
{{- range $site, $own := .Values.gateway.sites -}}
{{- $nodes := dict "nodeSelector" (default dict (get (default dict (get $.Values.sites $site)) "nodeSelector")) -}}
{{- $settings := mergeOverwrite (deepCopy $.Values.gateway) $nodes (deepCopy $own) -}}
{{- $name := printf "gateway-%s" $site -}}
{{- $all = append $all (dict "site" $site "component" $name "suffix" $name "settings" $settings) -}}
{{- end -}}
{{ dict "gateways" $all | toJson }}
{{- end }}

{{- /* What every process of ours is told. dict "root" $ "site" "main" */}}
{{- define "troupe.commonEnv" -}}
{{- $site := .site -}}
{{- with .root -}}
- name: HOME
  value: /tmp
- name: TROUPE_SITE
  value: {{ $site | quote }}
- name: TROUPE_REPLICA
  valueFrom:
    fieldRef: { fieldPath: metadata.name }
- name: TROUPE_NATS_URL
  value: {{ include "troupe.natsUrl" . | quote }}
- name: TROUPE_GRANT_KEY
  valueFrom:
    secretKeyRef: { name: {{ include "troupe.grantSecret" . }}, key: {{ .Values.grantKey.key }} }
- name: TROUPE_HOST
  value: 0.0.0.0
- name: TROUPE_GRPC_PORT
  value: "50051"
- name: TROUPE_METRICS_PORT
  value: "9464"
- name: TROUPE_LOG_LEVEL
  value: {{ .Values.logLevel }}
- name: TROUPE_OTLP_URL
  value: {{ .Values.otlpUrl | quote }}
{{- end }}
{{- end }}

{{- /* Default objects are made once, where they are missing, and belong to people from then on. Helm cannot build objects of kinds
that it has not installed yet, so hooks make them, after everything else. */}}
{{- define "troupe.onceAnnotations" -}}
helm.sh/hook: post-install,post-upgrade
helm.sh/hook-delete-policy: hook-failed
{{- end }}

{{- /* "yes" where the object is missing. dict "root" $ "kind" "Site" "namespace" "" "name" "main" */}}
{{- define "troupe.missing" -}}
{{- if not (.root.Capabilities.APIVersions.Has "troupe.dev/v1alpha1") }}yes
{{- else if not (lookup "troupe.dev/v1alpha1" .kind .namespace .name) }}yes{{ end -}}
{{- end }}

{{- /* spec.template of a StagePool. dict "root" $ "stage" "asr" */}}
{{- define "troupe.poolTemplate" -}}
{{- $values := .root.Values -}}
{{- $env := list
  (dict "name" "TROUPE_NATS_URL" "value" (include "troupe.natsUrl" .root))
  (dict "name" "TROUPE_GRANT_KEY" "secretKeyRef" (dict "name" (include "troupe.grantSecret" .root) "key" $values.grantKey.key))
  (dict "name" "TROUPE_LOG_LEVEL" "value" $values.logLevel)
  (dict "name" "TROUPE_OTLP_URL" "value" $values.otlpUrl) -}}
{{- with $values.models.mirror }}{{ $env = append $env (dict "name" "TROUPE_MODEL_MIRROR" "value" .) }}{{ end -}}
{{- $cache := dict "emptyDirSizeMebibytes" (int $values.models.cacheMebibytes) -}}
{{- if $values.models.claimName }}{{ $cache = dict "claimName" $values.models.claimName }}{{ end -}}
{{- $template := dict
  "image" (include "troupe.image" (dict "root" .root "image" $values.image))
  "imagePullPolicy" $values.image.pullPolicy
  "imagePullSecrets" $values.imagePullSecrets
  "env" (concat $env $values.pools.extraEnv)
  "resources" $values.pools.resources
  "nodeSelector" $values.pools.nodeSelector
  "tolerations" $values.pools.tolerations
  "serviceAccountName" (printf "%s-stage" (include "troupe.fullname" .root))
  "cache" $cache
  "startupSeconds" (int $values.pools.startupSeconds)
  "terminationGracePeriodSeconds" (int $values.pools.terminationGracePeriodSeconds) -}}
{{- if $values.pools.runtimeClassName }}{{ $_ := set $template "runtimeClassName" $values.pools.runtimeClassName }}{{ end -}}
{{- if $values.pools.priorityClassName }}{{ $_ := set $template "priorityClassName" $values.pools.priorityClassName }}{{ end -}}
{{ toJson $template }}
{{- end }}
