# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2054,SC2154 # shared with scripts/vm
#
# Boots one guest and waits for its end. Sourced by scripts/vm, which sets
# $tmp, the folder of this run.

# A line of the kernel's console that matches this spoils the run.
readonly CONSOLE_BAD='\bBUG\b|\bWARNING\b|Call Trace|KASAN|KCSAN|KFENCE: |UBSAN|lockdep|possible .* detected|unreferenced object|refcount_t|leaked reference|ODEBUG|list_(add|del) corruption|non-static key|held lock freed|Oops|general protection|unregister_netdevice: waiting|rcu.*(detected.* stall|starved)|Kernel panic|soft lockup|hung_task|blocked for more than'
# The lines of a healthy boot that match it all the same.
readonly CONSOLE_FINE='Lock dependency validator|kasan: Kernel|RCU lockdep checking is enabled'
# A race that KCSAN reports is between two functions, which this line names. If both
# are the kernel's own there is nothing to do here; it has many. And nftables goes
# through lists with a lock that it does not tell RCU of, as the fourth line says.
readonly CONSOLE_OTHERS='/KCSAN: data-race in /{/gretun_/!d;}
/WARNING: suspicious RCU usage/{:a;/<\/TASK>/!{N;ba;};\|^\([^\n]*\n\)\{3\}[^\n]* net/netfilter/[^\n]* RCU-list |d;}'
readonly BOOTS=3

# What every guest's kernel is told. Under tcg, programs at the same address each
# time need not be translated again whenever they start.
readonly KERNEL_WORDS="console=ttyS0,115200 panic=-1 reboot=t oops=panic \
mitigations=off norandmaps rcupdate.rcu_cpu_stall_timeout=120 watchdog_thresh=60"

# boot_timeout: seconds for a guest to report. A guest shares the machine, so
# the more is running on it the longer it may take, and a kernel that checks
# itself takes three times as long.
boot_timeout()
{
	local seconds=30

	! is_built || seconds=90
	if [[ ${GRETUN_BOOT_TIMEOUT-} ]]; then
		printf '%s\n' "$GRETUN_BOOT_TIMEOUT"
		return
	fi
	awk -v cpus="$(nproc)" -v seconds="$seconds" '{
		factor = $1 / cpus
		if (factor < 1)
			factor = 1
		if (factor > 4)
			factor = 4
		print int(seconds * factor)
	}' /proc/loadavg
}

# accelerator: kvm where a real short boot under it works, else tcg. That
# /dev/kvm can be opened says little: a guest may still hang in it. Found out
# once for each boot of the host.
accelerator()
{
	local file accel=tcg

	case ${GRETUN_ACCEL-} in
	kvm | tcg) printf '%s\n' "$GRETUN_ACCEL"; return ;;
	'') ;;
	*) die "GRETUN_ACCEL=$GRETUN_ACCEL: must be kvm or tcg" ;;
	esac
	file=$(make_cache vm)/accel-$(< /proc/sys/kernel/random/boot_id)
	if [[ ! -e $file ]]; then
		if [[ -w /dev/kvm ]]; then
			say "trying KVM"
			! GRETUN_ACCEL=kvm timeout 20 "$GRETUN_TOP/scripts/vm" run --kernel "$kernel" \
				/dev/stdin <<< 'exit 0' > /dev/null 2>&1 || accel=kvm
			say "using $accel"
		fi
		rm -f "${file%/*}"/accel-*
		printf '%s\n' "$accel" > "$file"
	fi
	cat "$file"
}

# machine ACCEL: set the array machine to QEMU's words for it. tcg runs all of
# the guest's processors in one thread: with a thread for each, QEMU 7.2 may run
# a breakpoint that the guest's kernel has removed already, as kernels do when
# they patch themselves, and a healthy guest dies of "int3" or stalls. A kernel
# that is built has neither jump labels nor tracers and does not patch itself; its
# processors run at once, so that what may race does. microvm boots faster than
# q35, but unless instructions are counted it often hangs early in boot, and a
# kernel that is built does not run on it. Of processors, tcg gets one that asks
# for no more work than programs need: those of max, like AVX, are more to save
# and slower to emulate. Where the instructions of Debian's kernels are counted it
# is max, as it stands for what people have.
machine()
{
	# A third interrupt for the third port: q35's firmware tells the kernel,
	# unless it is one that is built, which does not listen.
	local ports=(0x2f8,irq=3 0x3e8,irq=5) port n=0
	local small=microvm,rtc=on,isa-serial=on,pit=on,pic=on thread=single
	local plain=qemu64,+smep,+smap counting=max

	! is_built || small=q35 thread=multi counting=$plain ports[1]=0x3e8,irq=4

	machine=(-smp "$smp")
	case $1 in
	kvm)
		machine+=(-cpu max -M q35 -accel kvm)
		;;
	tcg)
		machine+=(-cpu "$plain" -M q35
			  -accel "tcg,thread=${GRETUN_TCG_THREAD:-$thread}")
		;;
	icount)
		machine+=(-cpu "$counting" -M "$small" -accel tcg,thread=single
			  -icount shift=0,sleep=off,align=off)
		# No firmware here: the one that the kernel assumes.
		ports[1]=0x3e8,irq=4
		;;
	esac
	for port in "${ports[@]}"; do
		n=$((n + 1))
		machine+=(-device "isa-serial,chardev=port$n,iobase=$port")
	done
}

# cable: set the array cable to QEMU's words for the network card of --nic, if any.
cable()
{
	cable=()
	[[ ! $nic ]] || cable=(-device "virtio-net-pci,netdev=cable"
		-netdev "dgram,id=cable,local.type=unix,local.path=${nic%:*},remote.type=unix,remote.path=${nic#*:}")
}

# start_qemu ACCEL: boot in the background, set $qemu to its process.
start_qemu()
{
	local -a machine cable out=(-chardev "stdio,id=port1,signal=off")

	machine "$1"
	cable
	[[ $mode != shell ]] || out=(-chardev "stdio,id=port1,signal=off,mux=on")
	rm -f "$tmp/console" "$tmp/verdict"
	: > "$tmp/verdict"
	# Should this shell be killed, its guest goes too.
	set -- --pdeathsig KILL qemu-system-x86_64 -nodefaults \
		-no-user-config -display none -nic none -no-reboot \
		"${machine[@]}" -m "$mem" \
		-kernel "$KERNEL_IMAGE" -initrd "$tmp/initrd" \
		-append "$KERNEL_WORDS ${words[*]}" \
		-chardev "file,id=port0,path=$tmp/console" \
		-serial chardev:port0 \
		"${out[@]}" -chardev "file,id=port2,path=$tmp/verdict" \
		"${cable[@]}"
	if [[ $mode == shell ]]; then
		setpriv "$@" <&0 2> "$tmp/qemu.log" &
	else
		# Not straight to our stdout: QEMU would make it non-blocking
		# for everyone who has it.
		setpriv "$@" < /dev/null 2> "$tmp/qemu.log" > "$tmp/out" &
	fi
	qemu=$!
}

# stop_qemu: our own guest, and nobody else's.
stop_qemu()
{
	[[ $qemu ]] || return 0
	kill -KILL "$qemu" 2> /dev/null || :
	wait "$qemu" 2> /dev/null || :
	qemu=
}

running()
{
	kill -0 "$qemu" 2> /dev/null
}

# reported LINE: the guest has sent LINE, a basic regular expression.
reported()
{
	grep -aqx -m 1 "$1" "$tmp/verdict"
}

# wait_guest SECONDS [LINE]: until the guest has ended or reported LINE; fails
# when the time is up first.
wait_guest()
{
	local end=$((SECONDS + $1))

	while running; do
		[[ -z ${2-} ]] || ! reported "$2" || return 0
		((SECONDS < end)) || return 1
		sleep 0.1
	done
}
