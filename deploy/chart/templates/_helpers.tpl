{{- define "dynvol.image" -}}
{{- $digest := index .root.Values.image.digests .part -}}
{{ .root.Values.image.registry }}dynvol/{{ .part }}:{{ .root.Chart.AppVersion }}{{ if $digest }}@{{ $digest }}{{ end }}
{{- end -}}

{{- define "dynvol.labels" -}}
app.kubernetes.io/name: dynvol
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .part }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
{{- end -}}

{{- define "dynvol.selector" -}}
app.kubernetes.io/name: dynvol
app.kubernetes.io/component: {{ .part }}
{{- end -}}

{{/* What a container of ours that needs no privilege may do: nothing. */}}
{{- define "dynvol.restricted" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
capabilities: { drop: [ALL] }
seccompProfile: { type: RuntimeDefault }
{{- end -}}

{{/* Where the pods of a Deployment may run. */}}
{{- define "dynvol.placement" -}}
affinity:
{{- with .values.affinity }}
  {{- toYaml . | nindent 2 }}
{{- else }}
  podAntiAffinity:
    preferredDuringSchedulingIgnoredDuringExecution:
      - weight: 100
        podAffinityTerm:
          topologyKey: kubernetes.io/hostname
          labelSelector:
            matchLabels: {{- include "dynvol.selector" (dict "part" .part) | nindent 14 }}
{{- end }}
{{- with .values.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .values.tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* Levels are read from a file, so that they change without a restart. */}}
{{- define "dynvol.logLevelFile" -}}
{ name: LOG_LEVEL_FILE, value: /etc/dynvol/log-levels/{{ .part }} }
{{- end -}}

{{- define "dynvol.temporalAddress" -}}
{{- if .Values.temporal.devServer.enabled -}}
temporal.{{ .Release.Namespace }}.svc:7233
{{- else -}}
{{ .Values.temporal.address }}
{{- end -}}
{{- end -}}

{{/* What is given for TLS or a key, but would not be used. */}}
{{- define "dynvol.temporalFault" -}}
{{- with .Values.temporal }}
{{- if and .apiKey.secretName (not .tls.enabled) }}
{{- fail "temporal.apiKey.secretName needs temporal.tls.enabled: a key is never sent without encryption" }}
{{- end }}
{{- if and (or .tls.secretName .tls.serverName) (not .tls.enabled) }}
{{- fail "temporal.tls.secretName and temporal.tls.serverName mean nothing without temporal.tls.enabled: set it, or leave them out" }}
{{- end }}
{{- if and .tls.enabled .devServer.enabled }}
{{- fail "temporal.devServer.enabled and temporal.tls.enabled exclude each other: the development server knows no TLS" }}
{{- end }}
{{- end }}
{{- end -}}

{{/* How the controller, and the Jobs of the chart, reach Temporal. */}}
{{- define "dynvol.temporalEnv" -}}
{{- include "dynvol.temporalFault" . -}}
- { name: TEMPORAL_ADDRESS, value: {{ include "dynvol.temporalAddress" . | quote }} }
- { name: TEMPORAL_NAMESPACE, value: {{ .Values.temporal.namespace | quote }} }
{{- with .Values.temporal }}
{{- if .tls.enabled }}
- { name: TEMPORAL_TLS, value: "true" }
{{- end }}
{{- with .tls.secretName }}
- { name: TEMPORAL_TLS_DIR, value: /etc/dynvol/temporal-tls }
{{- end }}
{{- with .tls.serverName }}
- { name: TEMPORAL_TLS_SERVER_NAME, value: {{ . | quote }} }
{{- end }}
{{- if .apiKey.secretName }}
- { name: TEMPORAL_API_KEY_FILE, value: {{ printf "/etc/dynvol/temporal-api-key/%s" .apiKey.secretKey | quote }} }
{{- end }}
{{- end }}
{{- end -}}

{{- define "dynvol.temporalVolumeMounts" }}
{{- if .Values.temporal.tls.secretName }}
- { name: temporal-tls, mountPath: /etc/dynvol/temporal-tls, readOnly: true }
{{- end }}
{{- if .Values.temporal.apiKey.secretName }}
- { name: temporal-api-key, mountPath: /etc/dynvol/temporal-api-key, readOnly: true }
{{- end }}
{{- end -}}

{{- define "dynvol.temporalVolumes" }}
{{- with .Values.temporal.tls.secretName }}
- { name: temporal-tls, secret: { secretName: {{ . }}, defaultMode: 0440 } }
{{- end }}
{{- with .Values.temporal.apiKey.secretName }}
- { name: temporal-api-key, secret: { secretName: {{ . }}, defaultMode: 0440 } }
{{- end }}
{{- end -}}

{{/* TCP port of an http or https URL. */}}
{{- define "dynvol.urlPort" -}}
{{- $url := urlParse . -}}
{{- regexFind ":[0-9]+$" $url.host | trimPrefix ":" | default (ternary "443" "80" (eq $url.scheme "https")) -}}
{{- end -}}

{{/* Spec of a pod that runs workers/chart-job.ts once. Arguments: part; env, volumeMounts and volumes, YAML lists. */}}
{{- define "dynvol.job" -}}
serviceAccountName: dynvol-{{ .part }}
automountServiceAccountToken: true
enableServiceLinks: false
restartPolicy: Never
securityContext: { fsGroup: 65532 }
imagePullSecrets: {{- toYaml .root.Values.image.pullSecrets | nindent 2 }}
{{- include "dynvol.jobPlacement" .root }}
containers:
  - name: {{ .part }}
    image: {{ include "dynvol.image" (dict "root" .root "part" "controller") }}
    imagePullPolicy: {{ .root.Values.image.pullPolicy }}
    command: [/usr/bin/node, /app/chart-job.js, {{ .part }}]
    env: {{- .env | nindent 6 }}
    securityContext: {{- include "dynvol.restricted" .root | nindent 6 }}
    resources: { requests: { cpu: 10m, memory: 96Mi }, limits: { memory: 256Mi } }
    volumeMounts:
      - { name: tmp, mountPath: /tmp }
      {{- with .volumeMounts | trim }}{{ nindent 6 . }}{{ end }}
volumes:
  - { name: tmp, emptyDir: {} }
  {{- with .volumes | trim }}{{ nindent 2 . }}{{ end }}
{{- end -}}

{{/* Jobs run where controllers may. */}}
{{- define "dynvol.jobPlacement" }}
{{- with .Values.controller.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.controller.tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}
