# SPDX-License-Identifier: GPL-2.0
#
# Completion of gretun's words for fish.

# Where tunnel files are, and what is there while the module is loaded.
set -q __gretun_folder; or set -g __gretun_folder /etc/gretun
set -q __gretun_module; or set -g __gretun_module /sys/module/gretun

# Print these words, one a line, without those in $before.
function __gretun_but --no-scope-shadowing
    for word in $argv
        contains -- $word $before; or echo $word
    end
end

# Print the names of the tunnels there are, in the network namespace of $netns if
# any. Asking would load the module, which a tab is no reason for.
function __gretun_names --no-scope-shadowing
    test -d $__gretun_module; or return 0
    gretun $netns show 2>/dev/null | awk 'NR > 1 { print $1 }'
end

# Print the names of the tunnels that have a file.
function __gretun_file_names
    set -l files $__gretun_folder/*.netdev
    string replace -r '.*/(.*)\.netdev$' '$1' -- $files
end

# Print the paths of tunnel files and folders that begin as the word does.
function __gretun_paths
    set -l begin (commandline -ct)
    set -l paths $begin*.netdev $begin*/
    string join \n -- $paths
end

# Print the names of all devices there.
function __gretun_devices --no-scope-shadowing
    ip $netns -o link show 2>/dev/null | awk -F '[:@ ]+' '{ print $2 }'
end

# Print what can follow a word that has a value. Fails if the word has none.
function __gretun_values --no-scope-shadowing
    switch $argv[1]
        case csum seq fastpath mss-clamp keepalive
            printf '%s\n' on off
        case df
            printf '%s\n' copy set clear
        case tos
            echo inherit
        case mtu
            echo auto
        case local
            echo dev
        case remote
            printf '%s\n' any any6
        case encap
            printf '%s\n' udp none
        case source-port
            echo flow
        case flowlabel
            printf '%s\n' auto inherit
        case key ikey okey encaplimit
            echo none
        case keepalive-secret-file
            echo none
            __fish_complete_path (commandline -ct)
        case dev
            echo none
            __gretun_devices
        case port ttl fwmark address peer --name
        case --as
            printf '%s\n' gretun iproute2 networkd freebsd netbsd openbsd \
                ios routeros vyos
        case '*'
            return 1
    end
    return 0
end

# Print the words of add, set or plan that are not there yet, and go with those
# that are.
function __gretun_options --no-scope-shadowing
    set -l by_packet remote tos key ikey okey csum seq keepalive \
        keepalive-secret-file
    set -l one_host local remote dev fwmark fastpath
    set -l words encap port source-port ttl df flowlabel encaplimit mtu mss-clamp
    set -l with_packet no

    for word in $by_packet
        contains -- $word $before; and set with_packet yes
    end
    set -a words $one_host $by_packet
    if test $before[1] = add
        set -a words down
        test $with_packet = yes; or set -a words external
    end
    for word in $words
        contains $before[1] plan; and contains $word $one_host; and continue
        contains external $before; and contains $word $by_packet; and continue
        __gretun_but $word
    end
    # These can be there many times.
    test $before[1] = set; or printf '%s\n' address peer
end

# Print what can follow the words in $before, of which the first is the command.
function __gretun_follow --no-scope-shadowing
    set -l last $before[-1]

    switch $before[1]:(count $before)
        case add:1 'monitor:*' 'metrics:*' 'version:*'
        case set:1 show:1 check:1
            __gretun_names
        case 'add:*' 'set:*'
            if test "$before[-2..-1]" = "local dev"
                __gretun_devices
                return
            end
            # In "local dev ppp0" dev is no word of its own.
            set -l given
            for word in $before
                test "$word" = dev -a "$given[-1]" = local; or set -a given $word
            end
            set before $given
            __gretun_values $last; or __gretun_options
        case 'del:*'
            test (count $before) -gt 1; or echo -- --all
            contains -- --all $before; or __gretun_but (__gretun_names)
        case stats:1 stats:2
            __gretun_but --explain
            contains -- $last stats --explain; and __gretun_names
        case 'up:*' 'down:*' 'apply:*' 'resolve:*'
            __gretun_but (__gretun_file_names)
            test $before[1] != apply; or __gretun_but --dry-run --prune
            __gretun_paths
        case peer:1
            __gretun_names
            __gretun_file_names
            __gretun_paths
        case 'peer:*'
            __gretun_values $last; or __gretun_but --as --table
        case plan:1 plan:2 plan:3
        case 'plan:*'
            __gretun_values $last
            or begin
                __gretun_options
                __gretun_but --name --as --table
            end
        case defaults:1
            printf '%s\n' default_ttl default_mtu allow
        case defaults:2
            switch $last
                case default_mtu
                    echo auto
                case allow
                    printf '%s\n' 0 1
            end
    end
end

function __gretun_complete
    set -l before (commandline -opc)
    set -l netns

    set -e before[1]
    while string match -q -- '-*' $before[1]
        if test $before[1] = -n
            if test (count $before) -eq 1
                ip netns list 2>/dev/null | string replace -r ' .*' ''
                return
            end
            set netns -n $before[2]
            set -e before[1]
        end
        set -e before[1]
    end
    if set -q before[1]
        __gretun_follow
    else if string match -q -- '-*' (commandline -ct)
        printf '%s\n' -j -n -h --help
    else
        printf '%s\n' add set del show stats monitor check up down apply \
            resolve peer plan metrics defaults version
    end
end

complete -c gretun -f -a '(__gretun_complete)'
