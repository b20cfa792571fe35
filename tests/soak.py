# SPDX-License-Identifier: GPL-2.0
"""soak.py FOLDER LEFT RIGHT: for soak.sh, whether events explain what became of
the tunnels of both ends.

FOLDER has the file "steps", with a line for each thing that was done, and for each
end, LEFT and RIGHT, a file of that name, a line for each event of it. What begins a
line is the time."""

import collections
import json
import subprocess
import sys

import lab

# Seconds from the last answer, or from where keepalive began anew, to a death. The
# machine may have had something else to do.
DUE, LATE = 3.99, 5
# Seconds from an answer to the recovery that it makes.
SOON = 1
# Seconds by which an event may have been read late.
SLACK = 0.5

# What events are about, as far as keepalive and who moves change it. stopped says
# that there is no keepalive now.
Said = collections.namedtuple("Said", "reason local remote moves stopped")


def said(tunnel):
    """What an event, or show, says of a tunnel."""
    return Said(tunnel["reason"], tunnel["local"], tunnel["remote"],
                (tunnel["moved_peer"] or {}).get("moves", 0),
                tunnel["reason"] in ("admin", "no-local"))


def has_carrier(now):
    """Whether it should have one."""
    return now.reason not in ("keepalive", "no-local")


def begins(before, now):
    """Whether keepalive has begun anew in between."""
    return (before.local, before.remote, before.stopped) != \
        (now.local, now.remote, now.stopped)


class History:
    """What happened to one end of a tunnel, by its events so far."""

    def __init__(self, at, tunnel):
        self.last = self.told = said(tunnel)
        self.begun = at
        self.changes = self.deaths = 0
        self.untold, self.wrong = None, []

    def event(self, at, name, tunnel):
        """One more; what is wrong with it is kept. Another event may say before that
        of the state what that is about to tell."""
        last, self.last = self.last, said(tunnel)
        anew = begins(last, self.last)
        if anew:
            self.begun = at
        self.changes += has_carrier(last) != has_carrier(self.last)
        self.deaths += self.last.reason == "keepalive" != last.reason
        if self.untold and at - self.untold[0] > SLACK:
            self.end()
        if name == "state":
            why = self.refute(at, self.last, tunnel)
            if why:
                self.wrong.append((at, f"{why}: {json.dumps(tunnel)}"))
            self.told, self.untold = self.last, None
        elif anew:
            self.told = self.last
        elif self.last != self.told and not self.untold:
            self.untold = at, f"no event of the state told that: {json.dumps(tunnel)}"

    def end(self):
        """What is still untold never was told."""
        if self.untold:
            self.wrong.append(self.untold)
            self.untold = None

    def refute(self, at, now, tunnel):
        """Why an event of the state cannot be, or None."""
        keepalive = tunnel["keepalive"]
        age = None if keepalive.get("age_ms") is None else keepalive["age_ms"] / 1000
        alive = at - self.begun + SLACK
        if now == self.told:
            return "nothing new"
        if age is not None and age > alive:
            return "an answer from before keepalive began anew"
        if has_carrier(now) != ("LOWER_UP" in tunnel["flags"]):
            return "another carrier"
        if now.reason == "no-local":
            return "there is an address" if now.local else None
        if now.reason not in (None, "keepalive"):
            return "no such reason"
        if (now.reason is None) != (keepalive["state"] == "up"):
            return "another state of keepalive"
        if now.reason == self.told.reason or begins(self.told, now):
            return None
        if now.reason is None:
            return None if age is not None and age < SOON else "no answer"
        if age is None:
            return None if DUE < alive < LATE + SLACK else f"a death after {alive:.1f} s"
        return None if DUE < age < LATE else f"a death {age:.3f} s after an answer"


def read_lines(path):
    """Pairs of time and the rest of each line."""
    with open(path, encoding="utf-8") as file:
        for line in file:
            at, _, rest = line.partition(" ")
            yield float(at), rest.rstrip("\n")


def read_events(path):
    """The histories of those tunnels that are there in the end."""
    histories = {}
    for at, text in read_lines(path):
        event = json.loads(text)
        name, tunnel = event["event"], event["tunnel"]
        if name == "new":
            old = histories.get(tunnel["ifname"])
            histories[tunnel["ifname"]] = new = History(at, tunnel)
            if old:
                old.end()
                new.deaths, new.wrong = old.deaths, old.wrong
        elif name != "del":
            histories[tunnel["ifname"]].event(at, name, tunnel)
    return histories


def run(*command):
    """What it prints."""
    return subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout


def expect_explained(side, netns, histories, steps):
    """What is now is what the events lead to."""
    tunnels = json.loads(run("gretun", "-n", netns, "-j", "show"))
    counts = run("ip", "netns", "exec", netns, "cat",
                 *(f"/sys/class/net/{tunnel['ifname']}/carrier_changes"
                   for tunnel in tunnels)).split()
    for tunnel, changes in zip(tunnels, map(int, counts)):
        name = tunnel["ifname"]
        history = histories[name]
        history.end()
        why = [f"{at:.3f}: {text}\nbefore it: " +
               "; ".join(f"{when:.3f}: {step}" for when, step in steps if when < at)[-300:]
               for at, text in history.wrong]
        if changes != history.changes:
            why.append(f"{changes} changes of the carrier, {history.changes} were told")
        if said(tunnel) != history.last:
            why.append(f"is {said(tunnel)}, was told as {history.last}")
        lab.report(not why, f"{side} {name}: {history.deaths} deaths, "
                   f"{history.last.moves} moves, {changes} changes of the carrier, each "
                   "with its event and its reason", *why)


def main():
    """See above."""
    folder, *ends = sys.argv[1:]
    steps = list(read_lines(f"{folder}/steps"))
    deaths = 0
    for side, netns in zip(("left", "right"), ends):
        histories = read_events(f"{folder}/{side}")
        expect_explained(side, netns, histories, steps)
        deaths += sum(history.deaths for history in histories.values())
    lab.report(deaths, "something has happened")


main()
