// What does a shell need, so that it completes our commands?

/** `kubectl` is the program `kubectl_complete-dynvol`, which kubectl asks for the words behind `kubectl dynvol`. */
export const SHELLS = ['bash', 'zsh', 'fish', 'kubectl'] as const;
export type Shell = (typeof SHELLS)[number];

/** The hidden command that answers; its answer is that of Cobra's programs, which kubectl is one of. */
export const COMPLETE_COMMAND = '__complete';

/** Last line of an answer: files may stand there too, or nothing but the words. */
export const DIRECTIVES = { files: ':0', wordsOnly: ':4' } as const;

/** Bash splits words at `=` and `:` too, which are in its COMP_WORDBREAKS, and replaces what stands behind them alone. */
const BASH = `_kubectl_dynvol() {
  local i line gap part current rest=$COMP_LINE
  local -a words=()
  for ((i = 0; i <= COMP_CWORD; i++)); do
    part=\${COMP_WORDS[i]}
    gap=\${rest%%[![:space:]]*}
    rest=\${rest#"$gap"}
    rest=\${rest#"$part"}
    if [[ $i -gt 0 && -z $gap ]]; then
      current+=$part
    else
      ((i > 1)) && words+=("$current")
      current=$part
    fi
  done
  words+=("$current")
  local flag=
  [[ $current == --*=* ]] && flag=\${current%%=*}=
  [[ $part == [=:] ]] && part=
  local kept=\${current%"$part"}
  COMPREPLY=()
  while IFS= read -r line; do
    case "$line" in
      ${DIRECTIVES.files}) compopt -o default ;;
      :*) ;;
      *)
        line=$flag\${line%%$'\\t'*}
        COMPREPLY+=("\${line#"$kept"}")
        ;;
    esac
  done < <(kubectl-dynvol ${COMPLETE_COMMAND} -- "\${words[@]}" 2>/dev/null)
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
  [[ $words[CURRENT] == --*=* ]] && compset -P 1 '*='
  if [[ $directive == ${DIRECTIVES.files} ]]; then
    _files
  else
    _describe 'kubectl dynvol' found
  fi
}
compdef _kubectl_dynvol kubectl-dynvol`;

const FISH = `function __kubectl_dynvol
    set -l words (commandline -opc) (commandline -ct)
    set -l flag (string match --regex -- '^--[^=]+=' $words[-1])
    set -l found (kubectl-dynvol ${COMPLETE_COMMAND} -- $words[2..-1] 2>/dev/null)
    if test "$found[-1]" = ${DIRECTIVES.files}
        set found (__fish_complete_path (string replace -- "$flag" '' $words[-1]))
    end
    string match --invert --regex '^:' -- $found | string replace --regex -- '^' "$flag"
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
