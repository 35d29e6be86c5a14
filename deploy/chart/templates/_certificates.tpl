{{/*
DNS names of a certificate. The controller has two: what agents expect of it, and the console's Service.
*/}}
{{- define "dynvol.certificateNames" -}}
{{- if eq .part "worker" -}}
{{ list "controller.dynvol" (printf "dynvol-console.%s.svc" .root.Release.Namespace) | toJson }}
{{- else -}}
{{ list (printf "dynvol-webhook.%s.svc" .root.Release.Namespace) | toJson }}
{{- end -}}
{{- end -}}

{{/*
Data of the Secret `dynvol-certificates`, as JSON: one CA and two certificates, made once. An upgrade finds the Secret, keeps
what is in it, and makes what is missing or for other names. Several templates need the same ones, so what was made is kept
beside the values for as long as the chart is rendered.
*/}}
{{- define "dynvol.certificates" -}}
{{- if not (hasKey .Values "madeCertificates") -}}
{{- $kept := (lookup "v1" "Secret" .Release.Namespace "dynvol-certificates").data | default dict -}}
{{- $days := int .Values.certificateDays -}}
{{- $data := dict -}}
{{- $ca := dict -}}
{{- if and (hasKey $kept "ca.crt") (hasKey $kept "ca.key") -}}
{{- $data = pick $kept "ca.crt" "ca.key" "worker.crt" "worker.key" "worker.names" "webhook.crt" "webhook.key" "webhook.names" -}}
{{- $ca = buildCustomCert (index $kept "ca.crt") (index $kept "ca.key") -}}
{{- else -}}
{{- $ca = genCA "dynvol" $days -}}
{{- $_ := set $data "ca.crt" ($ca.Cert | b64enc) -}}
{{- $_ := set $data "ca.key" ($ca.Key | b64enc) -}}
{{- end -}}
{{- range $part := list "worker" "webhook" -}}
{{- $names := include "dynvol.certificateNames" (dict "root" $ "part" $part) -}}
{{- $fits := eq (index $data (printf "%s.names" $part) | default "") ($names | b64enc) -}}
{{- if not (and $fits (hasKey $data (printf "%s.crt" $part)) (hasKey $data (printf "%s.key" $part))) -}}
{{- $pair := genSignedCert (fromJsonArray $names | first) nil (fromJsonArray $names) $days $ca -}}
{{- $_ := set $data (printf "%s.crt" $part) ($pair.Cert | b64enc) -}}
{{- $_ := set $data (printf "%s.key" $part) ($pair.Key | b64enc) -}}
{{- $_ := set $data (printf "%s.names" $part) ($names | b64enc) -}}
{{- end -}}
{{- end -}}
{{- $_ := set .Values "madeCertificates" $data -}}
{{- end -}}
{{ toJson .Values.madeCertificates }}
{{- end -}}

{{/*
Name of a Secret with a key; argument part. Those that cert-manager writes have names of their own: Helm refuses to take over
what it has not made, and cert-manager would go on with the authority that it finds under its name.
*/}}
{{- define "dynvol.keySecret" -}}
dynvol-{{ if .root.Values.certificates.certManager.enabled }}cm-{{ end }}{{ .part }}
{{- end -}}

{{/* Whom the API server trusts as our webhook; cert-manager fills it in by itself. */}}
{{- define "dynvol.caBundle" }}
{{- if not .Values.certificates.certManager.enabled }}
caBundle: {{ get (include "dynvol.certificates" . | fromJson) "ca.crt" }}
{{- end -}}
{{- end -}}

{{- define "dynvol.caAnnotations" }}
{{- if .Values.certificates.certManager.enabled }}
annotations: { cert-manager.io/inject-ca-from: {{ .Release.Namespace }}/dynvol-webhook-tls }
{{- end -}}
{{- end -}}
