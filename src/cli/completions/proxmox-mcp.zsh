#compdef proxmox-mcp
_proxmox_mcp() {
    local -a found
    found=("${(@f)$(proxmox-mcp __complete -- "${(@)words[2,$CURRENT]}" 2>/dev/null)}")
    # After a name that ends with `=` a value is to follow.
    compadd -S '' -- ${(M)found:#*=}
    compadd -- ${found:#*=}
}
# Loaded from a folder of completions this is the function's first call; sourced it is not.
if [[ "${funcstack[1]}" == _proxmox-mcp ]]; then
    _proxmox_mcp "$@"
else
    compdef _proxmox_mcp proxmox-mcp
fi
