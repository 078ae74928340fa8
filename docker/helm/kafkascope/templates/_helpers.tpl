{{- define "kafkascope.name" -}}
{{- .Values.nameOverride | default .Chart.Name | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "kafkascope.fullname" -}}
{{- $name := include "kafkascope.name" . }}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" }}
{{- else if contains $name .Release.Name }}
{{- .Release.Name | trunc 63 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name $name | trunc 63 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{- define "kafkascope.selector" -}}
app.kubernetes.io/name: {{ include "kafkascope.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "kafkascope.labels" -}}
{{ include "kafkascope.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{- end }}

{{/* Labels or annotations: all values as strings, as Kubernetes wants them. */}}
{{- define "kafkascope.strings" -}}
{{- range $key, $value := . }}
{{ $key }}: {{ kindIs "string" $value | ternary $value (toJson $value) | quote }}
{{- end }}
{{- end }}

{{- define "kafkascope.serviceAccountName" -}}
{{- .Values.serviceAccount.name | default (ternary (include "kafkascope.fullname" .) "default" .Values.serviceAccount.create) }}
{{- end }}

{{/* Entries of imagePullSecrets: names, or maps with a name. */}}
{{- define "kafkascope.pullSecrets" -}}
{{- range concat (.Values.global.imagePullSecrets | default list) (.Values.imagePullSecrets | default list) }}
- name: {{ if kindIs "map" . }}{{ .name }}{{ else }}{{ . }}{{ end }}
{{- end }}
{{- end }}

{{/* Sets what a map lacks, at any depth. Unlike merge, it keeps "" and false. Takes a dict: into, defaults. */}}
{{- define "kafkascope.fill" -}}
{{- range $key, $value := .defaults }}
{{- if not (hasKey $.into $key) }}
{{- $_ := set $.into $key $value }}
{{- else if and (kindIs "map" $value) (kindIs "map" (get $.into $key)) }}
{{- include "kafkascope.fill" (dict "into" (get $.into $key) "defaults" $value) }}
{{- end }}
{{- end }}
{{- end }}

{{/* The clusters as JSON, {"clusters": [...]}: those of `clusters`, or the one of the values at the top level. */}}
{{- define "kafkascope.clusters" -}}
{{- $all := list }}
{{- range .Values.clusters | default (list (pick .Values "kafkaServer" "tls" "sasl" "settings")) }}
{{- $cluster := deepCopy . }}
{{- include "kafkascope.fill" (dict "into" $cluster "defaults" (dict
    "tls" (dict "enabled" false "caFile" "ca.crt" "certFile" "tls.crt" "keyFile" "tls.key")
    "sasl" (dict "enabled" false "handshake" true
      "scram" (dict "enabled" false "mechanism" "scram-sha512" "passwordKey" "password" "usernameKey" "username")
      "oauthbearer" (dict "enabled" false "clientSecretKey" "client-secret")
      "kerberos" (dict "enabled" false "serviceName" "kafka" "keytabFile" "kerberos.keytab" "configFile" "kerberos.conf")
      "awsiam" (dict "enabled" false)))) }}
{{- $all = append $all $cluster }}
{{- end }}
{{- dict "clusters" $all | toJson }}
{{- end }}

{{/* Refuses what would be ignored silently. Takes a dict: cluster, path (of its values), several. */}}
{{- define "kafkascope.check" -}}
{{- $sasl := .cluster.sasl }}
{{- $tls := .cluster.tls }}
{{- if not $sasl.handshake }}{{ fail (printf "%ssasl.handshake: must be true: login without handshake is not supported" .path) }}{{ end }}
{{- $logins := 0 }}
{{- range list $sasl.scram $sasl.oauthbearer $sasl.kerberos $sasl.awsiam }}{{ if .enabled }}{{ $logins = add1 $logins }}{{ end }}{{ end }}
{{- if and $sasl.enabled (ne (int $logins) 1) }}{{ fail (printf "%ssasl: enable exactly one of scram, oauthbearer, kerberos and awsiam" .path) }}{{ end }}
{{- if and (not $sasl.enabled) (gt (int $logins) 0) }}{{ fail (printf "%ssasl.enabled: is false although a mechanism is enabled; set it to true" .path) }}{{ end }}
{{- if $sasl.enabled }}
{{- if $sasl.scram.enabled }}
{{- if not (or $sasl.scram.secretName $sasl.scram.password) }}{{ fail (printf "%ssasl.scram.secretName: name the Secret that contains the password" .path) }}{{ end }}
{{- if and $sasl.scram.secretName $sasl.scram.password }}{{ fail (printf "%ssasl.scram: set secretName or password, not both" .path) }}{{ end }}
{{- if and (or .several $sasl.scram.password) (not $sasl.scram.username) }}{{ fail (printf "%ssasl.scram.username: is missing" .path) }}{{ end }}
{{- end }}
{{- if $sasl.oauthbearer.enabled }}
{{- range list "tokenUrl" "clientId" "secretName" }}
{{- if not (get $sasl.oauthbearer .) }}{{ fail (printf "%ssasl.oauthbearer.%s: is missing" $.path .) }}{{ end }}
{{- end }}
{{- end }}
{{- if $sasl.kerberos.enabled }}
{{- if ne ($sasl.kerberos.kerberosAuthType | default "keytabAuth") "keytabAuth" }}{{ fail (printf "%ssasl.kerberos.kerberosAuthType: only keytabAuth is supported" .path) }}{{ end }}
{{- range list "principal" "secretName" }}
{{- if not (get $sasl.kerberos .) }}{{ fail (printf "%ssasl.kerberos.%s: is missing" $.path .) }}{{ end }}
{{- end }}
{{- end }}
{{- end }}
{{- if and (or $tls.secretName $tls.caSecretName) (not $tls.enabled) }}{{ fail (printf "%stls.enabled: is false although a Secret is given; set it to true" .path) }}{{ end }}
{{- if and $tls.keyPasswordSecretName (not $tls.keyPasswordFile) }}{{ fail (printf "%stls.keyPasswordFile: name the key in tls.keyPasswordSecretName" .path) }}{{ end }}
{{- if and $tls.keyPasswordFile (not (and $tls.enabled $tls.secretName $tls.certFile $tls.keyFile)) }}{{ fail (printf "%stls.keyPasswordFile: there is no private key; set tls.secretName, certFile and keyFile" .path) }}{{ end }}
{{- if and $tls.mountPath $tls.enabled (not $tls.secretName) }}{{ fail (printf "%stls.secretName: name the Secret to mount at tls.mountPath" .path) }}{{ end }}
{{- if and .several $tls.serverName }}{{ fail (printf "%stls.serverName: not possible with several clusters; leave it out, certificates are verified against the host" .path) }}{{ end }}
{{- range $key, $value := (default dict (default dict .cluster.settings).kafka).properties }}
{{- if regexMatch "password|secret|sasl.jaas|\\.pem$|token$" $key }}{{ fail (printf "%ssettings.kafka.properties.%s: would put a secret into a ConfigMap" $.path $key) }}{{ end }}
{{- end }}
{{- end }}

{{/* One cluster as in kafkascope.yml. Takes a dict: cluster, folder (of its Secrets). */}}
{{- define "kafkascope.cluster" -}}
{{- $sasl := .cluster.sasl }}
{{- $tls := .cluster.tls }}
{{- $own := deepCopy (.cluster.settings | default dict) }}
{{- if .cluster.name }}{{ $_ := set $own "name" .cluster.name }}{{ end }}
{{- if kindIs "string" .cluster.kafkaServer }}
{{- $_ := set $own "servers" (splitList "," .cluster.kafkaServer) }}
{{- else }}
{{- $_ := set $own "servers" .cluster.kafkaServer }}
{{- end }}
{{- if $tls.enabled }}
{{- $out := dict "enabled" true "insecure_skip_verify" ($tls.insecureSkipVerify | default false) }}
{{- $mount := $tls.mountPath | default (printf "%s/tls" .folder) | trimSuffix "/" }}
{{- if $tls.caSecretName }}
{{- $_ := set $out "ca_file" (printf "%s/ca/%s" .folder $tls.caFile) }}
{{- else if and $tls.secretName $tls.caFile }}
{{- $_ := set $out "ca_file" (printf "%s/%s" $mount $tls.caFile) }}
{{- end }}
{{- if and $tls.secretName $tls.certFile $tls.keyFile }}
{{- $_ := set $out "cert_file" (printf "%s/%s" $mount $tls.certFile) }}
{{- $_ := set $out "key_file" (printf "%s/%s" $mount $tls.keyFile) }}
{{- if $tls.keyPasswordFile }}
{{- $_ := set $out "key_password_file" (printf "%s/%s" ($tls.keyPasswordSecretName | empty | not | ternary (printf "%s/key-password" .folder) $mount) $tls.keyPasswordFile) }}
{{- end }}
{{- end }}
{{- $_ := set $own "tls" $out }}
{{- end }}
{{- if $sasl.enabled }}
{{- $out := dict "enabled" true }}
{{- if $sasl.scram.enabled }}
{{- $_ := set $out "mechanism" $sasl.scram.mechanism }}
{{- if $sasl.scram.username }}{{ $_ := set $out "username" $sasl.scram.username }}{{ end }}
{{- $_ := set $out "password_file" (printf "%s/sasl/%s" .folder (empty $sasl.scram.secretName | ternary "password" $sasl.scram.passwordKey)) }}
{{- else if $sasl.oauthbearer.enabled }}
{{- $_ := set $out "mechanism" "oauthbearer" }}
{{- $_ := set $out "username" $sasl.oauthbearer.clientId }}
{{- $_ := set $out "password_file" (printf "%s/sasl/%s" .folder $sasl.oauthbearer.clientSecretKey) }}
{{- $_ := set $out "oauthbearer" (dict "token_url" $sasl.oauthbearer.tokenUrl "scopes" ($sasl.oauthbearer.scopes | default "")) }}
{{- else if $sasl.awsiam.enabled }}
{{- $_ := set $out "mechanism" "awsiam" }}
{{- if $sasl.awsiam.awsRegion }}{{ $_ := set $out "aws" (dict "region" $sasl.awsiam.awsRegion) }}{{ end }}
{{- else }}
{{- $mount := $sasl.kerberos.mountPath | default (printf "%s/kerberos" .folder) | trimSuffix "/" }}
{{- $kerberos := dict "service_name" $sasl.kerberos.serviceName "keytab_file" (printf "%s/%s" $mount $sasl.kerberos.keytabFile) }}
{{- if $sasl.kerberos.realm }}{{ $_ := set $kerberos "realm" $sasl.kerberos.realm }}{{ end }}
{{- if $sasl.kerberos.configFile }}{{ $_ := set $kerberos "config_file" (printf "%s/%s" $mount $sasl.kerberos.configFile) }}{{ end }}
{{- $_ := set $out "mechanism" "gssapi" }}
{{- $_ := set $out "username" $sasl.kerberos.principal }}
{{- $_ := set $out "kerberos" $kerberos }}
{{- end }}
{{- $_ := set $own "sasl" $out }}
{{- end }}
{{- toJson $own }}
{{- end }}

{{/* kafkascope.yml */}}
{{- define "kafkascope.config" -}}
{{- $several := gt (len .Values.clusters) 0 }}
{{- if and $several (or .Values.tls.enabled .Values.sasl.enabled .Values.settings) }}{{ fail "clusters: set tls, sasl and settings in each of the clusters; those at the top level are for a single one" }}{{ end }}
{{- $clusters := list }}
{{- range $i, $cluster := (include "kafkascope.clusters" . | fromJson).clusters }}
{{- include "kafkascope.check" (dict "cluster" $cluster "several" $several "path" ($several | ternary (printf "clusters[%d]." $i) "")) }}
{{- $folder := printf "/etc/kafkascope/clusters/%d" $i }}
{{- $clusters = append $clusters (include "kafkascope.cluster" (dict "cluster" $cluster "folder" $folder) | fromJson) }}
{{- end }}
{{- $file := deepCopy (.Values.config | default dict) }}
{{- if .Values.kafkaLabels }}{{ $_ := set $file "labels" (mergeOverwrite (deepCopy ($file.labels | default dict)) .Values.kafkaLabels) }}{{ end }}
{{- $_ := set $file "clusters" $clusters }}
{{- toYaml $file }}
{{- end }}

{{/* What the chart's own Secret contains: passwords given as values, by the number of the cluster. As JSON. */}}
{{- define "kafkascope.passwords" -}}
{{- $passwords := dict }}
{{- range $i, $cluster := (include "kafkascope.clusters" . | fromJson).clusters }}
{{- if and $cluster.sasl.enabled $cluster.sasl.scram.enabled $cluster.sasl.scram.password }}
{{- $_ := set $passwords (printf "password-%d" $i) $cluster.sasl.scram.password }}
{{- end }}
{{- end }}
{{- toJson $passwords }}
{{- end }}

{{/* Volumes of Secrets as JSON, {"volumes": [{name, secretName, mountPath, items}]} */}}
{{- define "kafkascope.volumes" -}}
{{- $all := list }}
{{- range $i, $cluster := (include "kafkascope.clusters" . | fromJson).clusters }}
{{- $folder := printf "/etc/kafkascope/clusters/%d" $i }}
{{- $tls := $cluster.tls }}
{{- $sasl := $cluster.sasl }}
{{- if and $tls.enabled $tls.secretName }}
{{- $all = append $all (dict "name" (printf "tls-%d" $i) "secretName" $tls.secretName "mountPath" ($tls.mountPath | default (printf "%s/tls" $folder))) }}
{{- end }}
{{- if and $tls.enabled $tls.caSecretName }}
{{- $all = append $all (dict "name" (printf "ca-%d" $i) "secretName" $tls.caSecretName "mountPath" (printf "%s/ca" $folder)) }}
{{- end }}
{{- if and $tls.enabled $tls.keyPasswordSecretName }}
{{- $all = append $all (dict "name" (printf "key-password-%d" $i) "secretName" $tls.keyPasswordSecretName "mountPath" (printf "%s/key-password" $folder) "items" (list (dict "key" $tls.keyPasswordFile "path" $tls.keyPasswordFile))) }}
{{- end }}
{{- if $sasl.enabled }}
{{- $volume := dict "name" (printf "sasl-%d" $i) "mountPath" (printf "%s/sasl" $folder) }}
{{- if and $sasl.scram.enabled $sasl.scram.secretName }}
{{- $all = append $all (set (set $volume "secretName" $sasl.scram.secretName) "items" (list (dict "key" $sasl.scram.passwordKey "path" $sasl.scram.passwordKey))) }}
{{- else if $sasl.scram.enabled }}
{{- $all = append $all (set (set $volume "secretName" (include "kafkascope.fullname" $)) "items" (list (dict "key" (printf "password-%d" $i) "path" "password"))) }}
{{- else if $sasl.oauthbearer.enabled }}
{{- $all = append $all (set (set $volume "secretName" $sasl.oauthbearer.secretName) "items" (list (dict "key" $sasl.oauthbearer.clientSecretKey "path" $sasl.oauthbearer.clientSecretKey))) }}
{{- else }}
{{- $all = append $all (dict "name" (printf "kerberos-%d" $i) "secretName" $sasl.kerberos.secretName "mountPath" ($sasl.kerberos.mountPath | default (printf "%s/kerberos" $folder))) }}
{{- end }}
{{- end }}
{{- end }}
{{- dict "volumes" $all | toJson }}
{{- end }}
