complete -c proxmox-mcp -f -a '(
    set -l words (commandline -opc) (commandline -ct)
    proxmox-mcp __complete -- $words[2..-1] 2>/dev/null
)'
