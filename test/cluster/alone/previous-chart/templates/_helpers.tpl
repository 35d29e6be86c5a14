{{- define "dynvol.image" -}}
{{ .root.Values.image.registry }}dynvol/{{ .part }}:{{ .root.Chart.AppVersion }}
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
