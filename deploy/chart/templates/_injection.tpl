{{/*
The decisions of admission/ about a new pod, in the order in which it makes them. Of a fault the policies read the
annotation that is to blame ('' when it is none) and the sentence ('' when there is no fault).
Arguments: group; mutated, where the volume must have been added already.
*/}}
{{- define "dynvol.injection.variables" -}}
{{- $className := printf "'%s/storage-provider-class'" .group }}
{{- $rootPath := printf "'%s/volume-mount-path-root'" .group }}
{{- $policy := printf "'%s/mount-pod-dispatch-policy'" .group }}
{{- $containers := printf "'%s/containers'" .group }}
{{- $classRule := "'must be the name of a StorageProviderClass: at most 63 lower-case letters, digits and \"-\", beginning and ending with a letter or digit'" }}
{{- $label := "r'^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$'" }}
- name: own
  expression: >-
    !has(object.metadata.annotations) ? {} : object.metadata.annotations.transformMap(key, value,
    key in [{{ $className }}, {{ $rootPath }}, {{ $policy }}, {{ $containers }}], value)
- name: injectsAll
  expression: "namespaceObject.metadata.?labels[?'{{ .group }}/inject'].orValue('') == 'enabled'"
# Which containers see the volume root is said by each pod.
- name: defaults
  expression: >-
    !variables.injectsAll || !has(namespaceObject.metadata.annotations) ? {} : namespaceObject.metadata.annotations
    .transformMap(key, value, key in [{{ $className }}, {{ $rootPath }}, {{ $policy }}], value)
- name: className
  expression: "variables.own[?{{ $className }}].or(variables.defaults[?{{ $className }}])"
- name: rootPath
  expression: "variables.own[?{{ $rootPath }}].or(variables.defaults[?{{ $rootPath }}])"
- name: policy
  expression: "variables.own[?{{ $policy }}].or(variables.defaults[?{{ $policy }}]).orValue('independent')"
- name: named
  expression: "variables.own[?{{ $containers }}].optMap(names, names.split(',').map(name, name.trim()))"
- name: absent
  expression: "[{{ $className }}, {{ $rootPath }}].filter(key, !(key in variables.own || key in variables.defaults))"
- name: containers
  expression: "object.spec.?initContainers.orValue([]) + object.spec.?containers.orValue([])"
- name: volumes
  expression: "object.spec.?volumes.orValue([])"
- name: ours
  expression: "variables.volumes.filter(volume, has(volume.csi) && volume.csi.driver == '{{ .group }}')"
# Exactly the volume and the mount of admission/inject-volume.ts.
- name: volume
  expression: >-
    {'name': dyn('dynamic-volume-root-path'), 'csi': dyn({'driver': dyn('{{ .group }}'), 'readOnly': dyn(true),
    'volumeAttributes': dyn({'storageProviderClass': variables.className.value(), 'mountPodDispatchPolicy': variables.policy})})}
- name: mount
  expression: >-
    {'name': dyn('dynamic-volume-root-path'), 'mountPath': dyn(variables.rootPath.value()), 'readOnly': dyn(true),
    'mountPropagation': dyn('HostToContainer')}
# admission/volume-root.ts
- name: annotationFaults
  expression: >-
    [[{{ $className }}, variables.className.optMap(name, name.matches({{ $label }}) ? '' : {{ $classRule }}).orValue('')],
    [{{ $rootPath }}, variables.rootPath.optMap(path, {{ include "dynvol.injection.pathFault" "path" | indent 4 | trim }}).orValue('')],
    [{{ $policy }}, variables.policy in ['independent', 'shared'] ? '' : 'must be "independent" or "shared", or be left out'],
    [{{ $containers }}, variables.named.optMap(names, names.all(name, name.matches({{ $label }})) ? ''
    : 'must be names of containers of the pod with "," between them, or be left out for all containers').orValue('')]]
    .filter(fault, fault[1] != '').map(fault, [fault[0], 'the annotation "' + fault[0] + '" is '
    + strings.quote(variables.own[?fault[0]].or(variables.defaults[?fault[0]]).value()) + ': it ' + fault[1]])
# admission/pod-support.ts
- name: supportFault
  expression: >-
    object.spec.?hostUsers.orValue(true) == false
    ? 'spec.hostUsers is false: storage cannot be mounted into such a pod while it runs; leave it out, so that the pod has no user namespace'
    : object.spec.?runtimeClassName.orValue('').matches(r'^(gvisor|runsc|kata|firecracker)\b')
    ? 'spec.runtimeClassName is "' + object.spec.runtimeClassName + '": storage cannot be mounted into such a pod while it runs; use a runtime whose containers share the kernel of the node, such as runc'
    : ''
# admission/hand-written-volume.ts
- name: byHand
  expression: >-
    variables.ours.size() > 0 && (!variables.injectsAll ? variables.absent.size() == 2 : variables.own.size() == 0
    && !(variables.absent.size() == 0 && variables.annotationFaults.size() == 0
    && variables.ours.exists(volume, volume == variables.volume)))
- name: attributes
  expression: "variables.ours[0].csi.?volumeAttributes.orValue({})"
- name: volumeFault
  expression: >-
    variables.ours.size() > 1 ? 'must be the only one of this driver, and "' + variables.ours[1].name + '" is another'
    : variables.ours[0].name != 'dynamic-volume-root-path' ? 'must be named "dynamic-volume-root-path"'
    : variables.ours[0].csi.?readOnly.orValue(false) != true ? 'must have csi.readOnly: true'
    : ''
- name: mountFaults
  expression: >-
    variables.containers.map(container, container.?volumeMounts.orValue([])
    .filter(mount, mount.name == 'dynamic-volume-root-path').map(mount, [container.name, mount.mountPath,
    dyn(mount.?mountPropagation.orValue('') != 'HostToContainer' ? 'must have mountPropagation: HostToContainer, without which storage never appears in it'
    : mount.?readOnly.orValue(false) != true ? 'must have readOnly: true'
    : has(mount.subPath) || has(mount.subPathExpr) ? 'must not have subPath or subPathExpr, because storage appears at the root of the volume'
    : {{ include "dynvol.injection.pathFault" "mount.mountPath" | indent 4 | trim }})]))
    .flatten().filter(fault, fault[2] != '')
- name: attributeFault
  expression: >-
    variables.attributes.exists(key, !(key in ['storageProviderClass', 'mountPodDispatchPolicy']))
    ? 'must not have the attribute "' + variables.attributes.filter(key, !(key in ['storageProviderClass', 'mountPodDispatchPolicy']))
    .sort()[0] + '"; allowed are storageProviderClass and mountPodDispatchPolicy'
    : !has(variables.attributes.storageProviderClass) ? 'must name its class in the attribute "storageProviderClass"'
    : !variables.attributes.storageProviderClass.matches({{ $label }})
    ? 'has the attribute "storageProviderClass" ' + strings.quote(variables.attributes.storageProviderClass) + ': it ' + {{ $classRule }}
    : !(variables.attributes.?mountPodDispatchPolicy.orValue('') in ['independent', 'shared'])
    ? 'must have the attribute "mountPodDispatchPolicy" with the value "independent" or "shared"'
    : ''
- name: faultByHand
  expression: >-
    variables.supportFault != '' ? [{{ $className }}, variables.supportFault]
    : variables.volumeFault != '' ? ['', 'spec.volumes: the volume "' + variables.ours[0].name + '" of this driver ' + variables.volumeFault]
    : variables.mountFaults.size() > 0 ? ['', 'container "' + variables.mountFaults[0][0] + '": the mount of the volume "dynamic-volume-root-path" at "'
    + variables.mountFaults[0][1] + '" ' + variables.mountFaults[0][2]]
    : variables.attributeFault != '' ? ['', 'spec.volumes: the volume "' + variables.ours[0].name + '" of this driver ' + variables.attributeFault]
    : ['', '']
# admission/inject-volume.ts
- name: unknown
  expression: "variables.named.orValue([]).filter(name, !variables.containers.exists(container, container.name == name))"
- name: volumesInTheWay
  expression: >-
    variables.ours.exists(volume, volume == variables.volume) ? []
    : variables.volumes.filter(volume, volume.name == 'dynamic-volume-root-path') + variables.ours
- name: unmounted
  expression: >-
    variables.containers.filter(container, container.name in variables.named.orValue([container.name])
    && !container.?volumeMounts.orValue([]).exists(mount, mount == variables.mount))
- name: mountsInTheWay
  expression: >-
    variables.unmounted.map(container, container.?volumeMounts.orValue([])
    .filter(mount, mount.name == 'dynamic-volume-root-path' || {{ include "dynvol.injection.areNested" (dict "path" "mount.mountPath" "folder" "variables.rootPath.value()") | indent 4 | trim }})
    .map(mount, [container.name, mount.name, mount.mountPath])).flatten()
# admission/review-pod.ts
- name: injected
  expression: >-
    (variables.injectsAll || variables.absent.size() < 2) && !variables.byHand
    && !('kubernetes.io/config.mirror' in object.metadata.?annotations.orValue({}))
- name: fault
  expression: >-
    variables.injectsAll && variables.annotationFaults.exists(fault, fault[0] in variables.own)
    ? variables.annotationFaults.filter(fault, fault[0] in variables.own)[0]
    : variables.byHand ? variables.faultByHand
    : !variables.injectsAll && variables.absent.size() == 2 ? ['', '']
    : variables.absent.size() > 0 ? [variables.absent[0], 'the annotation "' + variables.absent[0] + '" is missing: a pod with "'
    + (variables.absent[0] == {{ $className }} ? {{ $rootPath }} : {{ $className }}) + '" needs both']
    : variables.annotationFaults.size() > 0 ? variables.annotationFaults[0]
    : !variables.injected ? ['', '']
    : variables.supportFault != '' ? [{{ $className }}, variables.supportFault]
    : variables.unknown.size() > 0 ? [{{ $containers }}, 'the annotation ' + strings.quote({{ $containers }}) + ' names "' + variables.unknown[0]
    + '": the pod has no such container; its containers are ' + variables.containers.map(container, container.name).join(', ')]
    : variables.volumesInTheWay.size() > 0 ? ['', 'the volume "' + variables.volumesInTheWay[0].name
    + '" is not what the annotations ask for: remove it from spec.volumes, it is added by itself']
    : variables.mountsInTheWay.size() > 0 ? [{{ $rootPath }}, 'the annotation ' + strings.quote({{ $rootPath }}) + ' is "' + variables.rootPath.value()
    + '": container "' + variables.mountsInTheWay[0][0] + '" already mounts volume "' + variables.mountsInTheWay[0][1] + '" at "'
    + variables.mountsInTheWay[0][2] + '"; choose a path that is not at, above or below it']
    {{- if .mutated }}
    : !variables.ours.exists(volume, volume == variables.volume) ? [{{ $className }}, 'the annotation ' + strings.quote({{ $className }}) + ' is "'
    + variables.className.value() + '": there is no StorageProviderClass of this name; create it first or name another one']
    {{- end }}
    : ['', '']
- name: isOfNamespace
  expression: "variables.injectsAll && variables.fault[0] != '' && !(variables.fault[0] in variables.own)"
{{- end }}

{{/* Why a volume root cannot lie at a path of a container, or ''. Argument: the path, in CEL. */}}
{{- define "dynvol.injection.pathFault" -}}
(!{{ . }}.startsWith('/') ? 'must be an absolute path, such as "/volumes"'
: {{ . }} == '/' ? 'must be a directory below "/", such as "/volumes"'
: {{ . }}.size() > 512 ? 'must have at most 512 characters'
: {{ . }}.matches(r'[:\x00-\x1f\x7f]') ? 'must not contain ":" or control characters'
: {{ . }}.substring(1).split('/').exists(part, part in ['', '.', '..']) ? 'must be written without "..", ".", "//" and a "/" at the end'
: ['/proc', '/sys', '/dev', '/etc', '/var/run/secrets', '/run/secrets'].exists(folder, ({{ . }} + '/').startsWith(folder + '/'))
? 'must not be in a directory of the system (/proc, /sys, /dev, /etc, /var/run/secrets, /run/secrets)' : '')
{{- end }}

{{/*
Is one of two paths the other, or below it? Arguments, in CEL: path, resolved as from "/": a part falls to a later ".."
when there are more of these than parts between them; folder, absolute and written without "." and "..".
*/}}
{{- define "dynvol.injection.areNested" -}}
[{{ .path }}.split('/').filter(part, !(part in ['', '.']))].exists(parts, ['/' + lists.range(parts.size())
.filter(at, parts[at] != '..' && !lists.range(parts.size()).exists(to, to > at
&& parts.slice(at + 1, to + 1).filter(part, part == '..').size() * 2 > to - at))
.map(at, parts[at] + '/').join('')].exists(path, path.startsWith({{ .folder }} + '/') || ({{ .folder }} + '/').startsWith(path)))
{{- end }}
