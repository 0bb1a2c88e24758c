_proxmox_mcp() {
    # `=` and `:` are parts of a word here, which bash splits at them.
    local line="${COMP_LINE:0:COMP_POINT}" words cut IFS=$' \t\n'
    read -r -a words <<< "$line"
    [[ "$line" == *" " ]] && words+=("")
    local word="${words[-1]}" IFS=$'\n'
    COMPREPLY=($(proxmox-mcp __complete -- "${words[@]:1}" 2>/dev/null))
    # A value is to follow.
    [[ "${#COMPREPLY[@]}" == 1 && "${COMPREPLY[0]}" == *= ]] && compopt -o nospace 2>/dev/null
    cut="${word%"${word##*[=:]}"}"
    COMPREPLY=("${COMPREPLY[@]#"$cut"}")
}
complete -o default -F _proxmox_mcp proxmox-mcp
