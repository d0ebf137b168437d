{{- define "tallystick.image" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end }}

{{- define "tallystick.labels" -}}
app.kubernetes.io/name: tallystick
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
{{- end }}

{{- define "tallystick.pod" -}}
# Kubernetes would set TALLYSTICK_PORT=tcp://… of a service named tallystick.
enableServiceLinks: false
automountServiceAccountToken: false
securityContext:
  runAsNonRoot: true
  runAsUser: 65534
  seccompProfile: {type: RuntimeDefault}
# The server ends within ten seconds; it is told after the address is taken from the service.
terminationGracePeriodSeconds: 30
{{- end }}

{{- define "tallystick.container" -}}
image: {{ include "tallystick.image" . }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: {drop: [ALL]}
env:
  - name: TALLYSTICK_DATABASE
    valueFrom: {secretKeyRef: {name: {{ .Values.secretName }}, key: database}}
  - name: TALLYSTICK_SECRET_KEY
    valueFrom: {secretKeyRef: {name: {{ .Values.secretName }}, key: secret-key}}
  {{- range $name, $value := .Values.settings }}
  - name: {{ $name }}
    value: {{ $value | quote }}
  {{- end }}
# The database's absence takes a server out of the service, and restarts none.
readinessProbe:
  httpGet: {path: /readyz, port: http}
  periodSeconds: 5
  timeoutSeconds: 6
livenessProbe:
  httpGet: {path: /healthz, port: http}
  periodSeconds: 10
  timeoutSeconds: 5
resources: {{- toYaml .Values.resources | nindent 2 }}
{{- end }}
