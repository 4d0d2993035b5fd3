{{/* Names and labels of this release. */}}
{{- define "valeo-operator.name" -}}
{{- if contains .Chart.Name .Release.Name -}}
{{- .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name .Chart.Name | trunc 50 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "valeo-operator.serviceAccount" -}}
{{- .Values.serviceAccount.name | default (include "valeo-operator.name" .) -}}
{{- end -}}

{{- define "valeo-operator.selector" -}}
app.kubernetes.io/name: valeo-operator
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "valeo-operator.labels" -}}
{{ include "valeo-operator.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end -}}

{{- define "valeo-operator.image" -}}
{{- if .Values.image.digest -}}
{{- printf "%s@%s" .Values.image.repository .Values.image.digest -}}
{{- else -}}
{{- printf "%s:%s" .Values.image.repository (.Values.image.tag | default .Chart.AppVersion) -}}
{{- end -}}
{{- end -}}
