# SPDX-License-Identifier: GPL-2.0
#
# The entry point. "make help" says what there is.

VERSION := $(shell sed -n 's/^.define GRETUN_VERSION "\(.*\)"/\1/p' kmod/version.h)

# Of the running kernel, unless told otherwise.
KDIR ?= /lib/modules/$(shell uname -r)/build

PREFIX ?= /usr/local
DESTDIR ?=

sbindir := $(DESTDIR)$(PREFIX)/sbin
mandir := $(DESTDIR)$(PREFIX)/share/man/man8
completiondir := $(DESTDIR)$(PREFIX)/share/bash-completion/completions
# DKMS looks here, whatever the prefix is.
srcdir := $(DESTDIR)/usr/src/gretun-$(VERSION)

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

check: ## run every test on every kernel, and the checks of style
	scripts/check

check-style: ## run the checks of style alone
	scripts/check-style

vm-shell: ## a shell in a virtual machine with two hosts, to play in
	scripts/vm shell

regen: ## make the generated files anew from the netlink spec
	scripts/ynl-regen

# A DESTDIR is for packages: there the module is not built.
install: cli ## install the tool, the manual, and the module, with DKMS if it is there
ifeq ($(DESTDIR),)
	scripts/dkms/module remove $(VERSION)
endif
	install -d $(sbindir) $(mandir) $(completiondir) $(srcdir)/kmod/uapi/linux
	install -m 755 cli/gretun $(sbindir)/gretun
	install -m 644 cli/man/gretun.8 $(mandir)/gretun.8
	install -m 644 cli/completion/gretun.bash $(completiondir)/gretun
	install -m 644 Kbuild Makefile $(srcdir)/
	install -m 644 $(sources) $(srcdir)/kmod/
	install -m 644 kmod/uapi/linux/gretun.h $(srcdir)/kmod/uapi/linux/
	sed 's/@VERSION@/$(VERSION)/' scripts/dkms/dkms.conf.in > $(srcdir)/dkms.conf
ifeq ($(DESTDIR),)
	scripts/dkms/module install $(VERSION) $(KDIR)
endif

uninstall: ## take away what install brought
ifeq ($(DESTDIR),)
	scripts/dkms/module remove $(VERSION)
endif
	rm -f $(sbindir)/gretun $(mandir)/gretun.8 $(completiondir)/gretun
	rm -rf $(srcdir)

clean: ## remove what was built, but for the cache of kernels
	$(MAKE) -C cli clean
	find Kbuild kmod \( -name '*.o' -o -name '*.ko' -o -name '*.mod' \
		-o -name '*.mod.c' -o -name '.*.cmd' \) -delete
	rm -rf build .*.cmd *.mod Module.symvers modules.order .module-common.o \
		kmod/modules.order

.PHONY: all help kmod cli demo check check-style vm-shell regen install \
	uninstall clean
