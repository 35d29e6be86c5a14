// What does a shell need, so that it completes our commands?

/** `kubectl` is the program `kubectl_complete-dynvol`, which kubectl asks for the words behind `kubectl dynvol`. */
export const SHELLS = ['bash', 'zsh', 'fish', 'kubectl'] as const;
export type Shell = (typeof SHELLS)[number];

/** The hidden command that answers; its answer is that of Cobra's programs, which kubectl is one of. */
export const COMPLETE_COMMAND = '__complete';

/** Last line of an answer: files may stand there too, or nothing but the words. */
export const DIRECTIVES = { files: ':0', wordsOnly: ':4' } as const;

const BASH = `_kubectl_dynvol() {
  local line
  COMPREPLY=()
  while IFS= read -r line; do
    case "$line" in
      ${DIRECTIVES.files}) compopt -o default ;;
      :*) ;;
      *) COMPREPLY+=("\${line%%$'\\t'*}") ;;
    esac
  done < <(kubectl-dynvol ${COMPLETE_COMMAND} -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -F _kubectl_dynvol kubectl-dynvol`;

const ZSH = `#compdef kubectl-dynvol
_kubectl_dynvol() {
  local line name directive
  local -a found
  while IFS= read -r line; do
    if [[ $line == :* ]]; then
      directive=$line
    else
      name=\${line%%$'\\t'*}
      found+=("\${name//:/\\\\:}:\${\${line#$name}#$'\\t'}")
    fi
  done < <(kubectl-dynvol ${COMPLETE_COMMAND} -- "\${(@)words[2,$CURRENT]}" 2>/dev/null)
  if [[ $directive == ${DIRECTIVES.files} ]]; then
    _files
  else
    _describe 'kubectl dynvol' found
  fi
}
compdef _kubectl_dynvol kubectl-dynvol`;

const FISH = `function __kubectl_dynvol
    set -l words (commandline -opc) (commandline -ct)
    kubectl-dynvol ${COMPLETE_COMMAND} -- $words[2..-1] 2>/dev/null | string match --invert --regex '^:'
end
complete --command kubectl-dynvol --no-files --arguments '(__kubectl_dynvol)'`;

const KUBECTL = `#!/bin/sh
exec kubectl dynvol ${COMPLETE_COMMAND} -- "$@"`;

/** What `kubectl dynvol completion SHELL` prints. */
export const COMPLETION_SCRIPTS: Record<Shell, string> = {
  bash: BASH,
  zsh: ZSH,
  fish: FISH,
  kubectl: KUBECTL,
};
