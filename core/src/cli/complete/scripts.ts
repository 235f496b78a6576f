export const SHELLS = ['bash', 'zsh', 'fish'] as const
export type Shell = (typeof SHELLS)[number]

/**
 * What a shell sources to complete `start-cli`. The candidates come from `start-cli __complete`: each line is a word,
 * a tab and what it means; the line `:files` asks for names of files.
 */
export function completionScript(shell: Shell): string {
  return { bash: BASH, zsh: ZSH, fish: FISH }[shell]
}

/** Bash splits words at `:` and `=` too, so the line is split anew, and what stands before them is cut off again. */
const BASH = `# bash completion of start-cli
_start_cli() {
    local line="\${COMP_LINE:0:COMP_POINT}" word prefix
    local -a words
    read -ra words <<< "$line"
    [[ $line == *[[:space:]] || \${#words[@]} -eq 0 ]] && words+=("")
    word="\${words[-1]}"
    prefix="\${word%"\${word##*[=:]}"}"
    COMPREPLY=()
    local candidate
    while IFS= read -r candidate; do
        if [[ $candidate == :files ]]; then
            compopt -o filenames 2>/dev/null
            local IFS=$'\\n'
            COMPREPLY+=($(compgen -f -- "\${word#"$prefix"}"))
            continue
        fi
        candidate="\${candidate%%$'\\t'*}"
        COMPREPLY+=("\${candidate#"$prefix"}")
    done < <("\${words[0]}" __complete -- "\${words[@]:1}" 2>/dev/null)
    [[ \${#COMPREPLY[@]} -eq 1 && \${COMPREPLY[0]} == *= ]] && compopt -o nospace 2>/dev/null
    return 0
}
complete -F _start_cli start-cli`

const ZSH = `#compdef start-cli
# zsh completion of start-cli
_start_cli() {
    local -a lines described
    local line files=0
    lines=("\${(@f)$("\${words[1]}" __complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
    for line in $lines; do
        if [[ $line == :files ]]; then
            files=1
        elif [[ -n $line ]]; then
            described+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}")
        fi
    done
    (( \${#described} )) && _describe -V start-cli described
    (( files )) && _files
}
if [[ \${funcstack[1]} == _start_cli ]]; then
    _start_cli "$@"
else
    compdef _start_cli start-cli
fi`

const FISH = `# fish completion of start-cli
function __start_cli_candidates
    set -l before (commandline -opc)
    set -l current (commandline -ct)
    for line in ($before[1] __complete -- $before[2..-1] "$current" 2>/dev/null)
        if test "$line" = :files
            __fish_complete_path "$current"
        else
            echo $line
        end
    end
end
complete -c start-cli -f -a '(__start_cli_candidates)'`
