# SPDX-License-Identifier: GPL-2.0
#
# The entry point. "make help" says what there is.

VERSION := $(shell sed -n 's/^.define GRETUN_VERSION "\(.*\)"/\1/p' kmod/version.h)

# Of the running kernel, unless told otherwise.
KDIR ?= /lib/modules/$(shell uname -r)/build

PREFIX ?= /usr/local
DESTDIR ?=

sbindir := $(PREFIX)/sbin
mandir := $(PREFIX)/share/man
docdir := $(PREFIX)/share/doc/gretun
bashdir := $(PREFIX)/share/bash-completion/completions
zshdir := $(PREFIX)/share/zsh/site-functions
fishdir := $(PREFIX)/share/fish/vendor_completions.d
unitdir := $(PREFIX)/lib/systemd/system
# What these are for looks here, whatever the prefix is.
sysconfdir := /etc
srcdir := /usr/src/gretun-$(VERSION)

man5 := $(wildcard cli/man/*.5)
man8 := $(wildcard cli/man/*.8)
units := $(wildcard cli/systemd/*)
docs := README.md $(wildcard Documentation/*.rst Documentation/*.svg cli/metrics/*.json)

# Where systemd does not run there is nobody to tell.
systemctl := $(if $(wildcard /run/systemd/system),systemctl,@:)

# The build leaves a gretun.mod.c among them.
sources := kmod/Kbuild $(filter-out %.mod.c,$(wildcard kmod/*.[ch]))

all: kmod cli ## build the module for KDIR and the command line tool

help: ## list the targets
	@echo "gretun $(VERSION)"
	@echo
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  \1\t\2/p' Makefile | expand -t 18
	@echo
	@echo "KDIR=$(KDIR)"
	@echo "PREFIX=$(PREFIX) DESTDIR=$(DESTDIR)"

kmod: ## build the module alone, kmod/gretun.ko
	$(MAKE) -C $(KDIR) M=$(CURDIR) modules

cli: ## build the command line tool alone, cli/gretun
	$(MAKE) -C cli

demo: ## see it work in a virtual machine
	scripts/demo

bench: ## measure what a packet costs, beside plain forwarding and ip_gre
	scripts/bench

check: ## run every test, all programs on the kernel that checks itself too; takes long
	scripts/check --all debug

interop: ## run it with what others wrote: routing daemons, Open vSwitch, the kernel's tests
	scripts/interop

check-deep: ## run every test on the kernels that check themselves, for long; hours
	scripts/check --no-style --deep --all debug --kernel debug
	scripts/check --no-style --deep --kernel kcsan

check-style: ## run the checks of style alone
	scripts/check-style

coverage: ## show which lines of the module the tests run
	scripts/coverage

mutate: ## break the module in a copy, one line at a time, and see the tests find it
	scripts/mutate

# Seconds.
FUZZ_TIME ?= 600

fuzz: ## look for bytes that the readers of headers get wrong, for FUZZ_TIME
	FUZZ_TIME=$(FUZZ_TIME) tests/host/fuzz_headers.sh

soak: ## let tunnels run for 30 minutes over a bad path
	scripts/soak

vm-shell: ## a shell in a virtual machine with two hosts, to play in
	scripts/vm shell

regen: ## make the generated files anew from the netlink spec
	scripts/ynl-regen

deb: ## build the Debian packages, into build/deb
	scripts/deb

# A DESTDIR is for packages: there the module is not built, and systemd is not
# told. Units name the program by its path.
install: cli ## install the tool, manuals, units, and the module, with DKMS if it is there
ifeq ($(DESTDIR),)
	scripts/dkms/module remove $(VERSION)
endif
	install -d $(addprefix $(DESTDIR),$(sbindir) $(mandir)/man5 $(mandir)/man8 \
		$(docdir) $(bashdir) $(zshdir) $(fishdir) \
		$(unitdir)/multi-user.target.wants \
		$(sysconfdir)/iproute2/rt_protos.d $(srcdir)/kmod/uapi/linux)
	install -d -m 750 $(DESTDIR)$(sysconfdir)/gretun
	install -m 755 cli/gretun cli/gretun-update $(DESTDIR)$(sbindir)
	install -m 644 $(man5) $(DESTDIR)$(mandir)/man5
	install -m 644 $(man8) $(DESTDIR)$(mandir)/man8
	install -m 644 $(docs) $(DESTDIR)$(docdir)
	install -m 644 cli/completion/gretun.bash $(DESTDIR)$(bashdir)/gretun
	install -m 644 cli/completion/_gretun $(DESTDIR)$(zshdir)/_gretun
	install -m 644 cli/completion/gretun.fish $(DESTDIR)$(fishdir)/gretun.fish
	install -m 644 $(units) $(DESTDIR)$(unitdir)
	sed -i 's|@SBINDIR@|$(sbindir)|' $(addprefix $(DESTDIR)$(unitdir)/,$(notdir $(units)))
	ln -sf ../gretun.target $(DESTDIR)$(unitdir)/multi-user.target.wants/gretun.target
	install -m 644 cli/iproute2/gretun.conf $(DESTDIR)$(sysconfdir)/iproute2/rt_protos.d/gretun.conf
	install -m 644 Kbuild Makefile $(DESTDIR)$(srcdir)
	install -m 644 $(sources) $(DESTDIR)$(srcdir)/kmod
	install -m 644 kmod/uapi/linux/gretun.h $(DESTDIR)$(srcdir)/kmod/uapi/linux
	sed 's/@VERSION@/$(VERSION)/' scripts/dkms/dkms.conf.in > $(DESTDIR)$(srcdir)/dkms.conf
ifeq ($(DESTDIR),)
	scripts/dkms/module install $(VERSION) $(KDIR)
	$(systemctl) daemon-reload
endif

# What is in /etc/gretun is the user's.
uninstall: ## take away what install brought; tunnels of units go down
ifeq ($(DESTDIR),)
	-$(systemctl) stop gretun-metrics.timer gretun-resolve.timer \
		gretun.target 'gretun@*.service'
	scripts/dkms/module remove $(VERSION)
endif
	rm -f $(addprefix $(DESTDIR),$(sbindir)/gretun $(sbindir)/gretun-update \
		$(addprefix $(mandir)/man5/,$(notdir $(man5))) \
		$(addprefix $(mandir)/man8/,$(notdir $(man8))) \
		$(bashdir)/gretun $(zshdir)/_gretun $(fishdir)/gretun.fish \
		$(addprefix $(unitdir)/,$(notdir $(units))) \
		$(unitdir)/multi-user.target.wants/gretun.target \
		$(sysconfdir)/iproute2/rt_protos.d/gretun.conf)
	rm -rf $(addprefix $(DESTDIR),$(docdir) $(srcdir))
	[ ! -d $(DESTDIR)$(sysconfdir)/gretun ] || \
		rmdir --ignore-fail-on-non-empty $(DESTDIR)$(sysconfdir)/gretun
ifeq ($(DESTDIR),)
	$(systemctl) daemon-reload
endif

clean: ## remove what was built, but for the cache of kernels
	$(MAKE) -C cli clean
	find Kbuild kmod \( -name '*.o' -o -name '*.ko' -o -name '*.mod' \
		-o -name '*.mod.c' -o -name '.*.cmd' \) -delete
	rm -rf build .*.cmd *.mod Module.symvers modules.order .module-common.o \
		kmod/modules.order

.PHONY: all help kmod cli demo bench coverage check check-deep interop check-style mutate \
	fuzz soak vm-shell regen deb install uninstall clean
