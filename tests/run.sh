#!/usr/bin/env bash
# Builds everything and runs all tests; ends with one line "N passed, N failed, N skipped".
#   tests/run.sh [Project ...]    only these test projects, like: tests/run.sh Shared Platform
#   tests/run.sh --chaos          only the chaos tests, in their long form: see tests/Platform.Tests/Chaos
#   tests/run.sh --scale          only 10, 50, 100 and 200 phones on one machine: see tests/Platform.Tests/Scale
# Servers are started by the tests themselves on free ports and in folders of their own. Where one can't be had, its tests
# are skipped with a reason; CLOUDPHONE_REQUIRE_INFRA=1 turns that into a failure.
set -u
LIMIT=50m # of one project's tests; the long chaos tests and Platform on servers take some 25
cd "$(dirname "$0")/.."

install() { # Debian packages that are missing, where we may
    command -v apt-get >/dev/null && [ "$(id -u)" = 0 ] || return 0
    local missing=()
    for package in "$@"; do
        dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
    done
    [ ${#missing[@]} -eq 0 ] && return 0
    echo "Installing ${missing[*]} ..."
    # a server that a package would start is none of ours: private ones are used
    printf '#!/bin/sh\nexit 101\n' > /usr/sbin/policy-rc.d && chmod +x /usr/sbin/policy-rc.d
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"; } >/dev/null 2>&1 \
        || echo "Could not install ${missing[*]}; tests that need them are skipped."
    rm -f /usr/sbin/policy-rc.d
}

install_consul() { # newer Debians have none: Debian 11's, from the same mirror, for this one package
    command -v apt-get >/dev/null && [ "$(id -u)" = 0 ] && ! command -v consul >/dev/null || return 0
    if [ -z "$(apt-cache madison consul 2>/dev/null)" ]; then
        local mirror list=/etc/apt/sources.list.d/cloudphone-consul.list pin=/etc/apt/preferences.d/cloudphone-consul
        mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | grep '/debian/$' | head -n 1)
        [ -n "$mirror" ] || return 0
        echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror bullseye main" > "$list"
        printf 'Package: *\nPin: release n=bullseye\nPin-Priority: 100\n' > "$pin"
        apt-get update -qq >/dev/null 2>&1
        install consul
        rm -f "$list" "$pin"
    else
        install consul
    fi
}

for project in "$@"; do
    [ "$project" = --chaos ] || [ "$project" = --scale ] || [ -d "tests/$project.Tests" ] || { echo "There is no tests/$project.Tests."; exit 2; }
done

install postgresql rabbitmq-server redis-server adb
install chromium
install docker.io
install_consul

echo "Building ..."
dotnet build CloudPhone.sln -v q --nologo -clp:NoSummary || { echo "0 passed, 1 failed, 0 skipped"; exit 1; }

logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT

limited() { # a test that stands still is a failure with a name rather than a run without an end
    if command -v timeout >/dev/null; then timeout --foreground --kill-after 30 "$LIMIT" "$@"; else "$@"; fi
}

run() { # name of the project, what to call the run, which of its tests
    local name=$1 title=${2:-$1} start=$SECONDS p f e s code
    local log="$logs/$title.log" results="$logs/$title.xml"
    limited "tests/$name.Tests/bin/Debug/net10.0/$name.Tests" -noColor -xml "$results" "${@:3}" >"$log" 2>&1
    code=$?
    if [ ! -s "$results" ]; then
        printf 'FAIL %s: ended with %s before its results were written\n%s\n' "$title" $code "$(tail -n 40 "$log")"
        echo "FAILED $title: ended with $code before its results were written" >> "$logs/names"
        echo 0 1 0 >> "$logs/counts"
        return
    fi
    count() { grep -o "<assembly [^>]*" "$results" | grep -o " $1=\"[0-9]*\"" | grep -o '[0-9]*' | head -n 1; }
    p=$(count passed) f=$(count failed) e=$(count errors) s=$(count skipped)
    f=$((f + e))
    [ $((p + f + s)) -gt 0 ] || { echo "FAILED $title: no test is called like that" | tee -a "$logs/names"; f=1; }
    echo "$p $f $s" >> "$logs/counts"
    printf '%-4s %-20s %4d passed, %d failed, %d skipped, %d s\n' "$([ "$f" = 0 ] && echo ok || echo FAIL)" "$title" "$p" "$f" "$s" $((SECONDS - start))
    if [ "$f" != 0 ]; then
        # the framework's frames would hide ours; a clean-up that failed belongs to no test and says so in its own way
        local failure='\[FAIL\]|^ *\[[A-Z].* Failure'
        grep -aEv '^ +at (System|Microsoft|Xunit)\.' "$log" | grep -aE -A 25 "$failure" | head -n 200
        # and once more at the end, where no log of a service hides why
        grep -aEv '^ +at |^ +/_/|^[0-9]{4}-' "$log" | grep -aE -A 8 "$failure" | cut -c 1-400 \
            | sed -E "s/^ *(.*\[FAIL\]|\[[A-Z].* Failure)/  $title: \1/" | head -n 120 >> "$logs/failures"
        sed -nE "s/^ *(.*) \[FAIL\].*/FAILED $title: \1/p; s/^ *\[([A-Z].* Failure.*)\].*/FAILED $title: \1/p" "$log" \
            >> "$logs/names"
    fi
    grep -a '^MEASURED' "$log" | sed 's/^MEASURED/    /'
    grep -oE '<reason><!\[CDATA\[[^]]*' "$results" | sed 's/<reason><!\[CDATA\[/  /' >> "$logs/reasons"
}

missing_servers() { # what the platform on real servers needs, and this machine has not
    [ -x /usr/lib/rabbitmq/bin/rabbitmq-server ] || echo rabbitmq-server
    command -v redis-server >/dev/null || echo redis-server
    command -v consul >/dev/null || echo consul
    compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || echo postgresql
}

wanted() { # whether this project is asked for
    [ ${#projects[@]} -eq 0 ] || [[ " ${projects[*]} " == *" $1 "* ]]
}

docker_trouble() { # why no Docker engine can be started here; many a container may not start another
    command -v dockerd >/dev/null && command -v docker >/dev/null || { echo "needs the program dockerd: apt-get install docker.io"; return; }
    [ "$(id -u)" = 0 ] || { echo "needs to be root, to start dockerd"; return; }
    local folder engine
    folder=$(mktemp -d)
    dockerd --host "unix://$folder/docker.sock" --data-root "$folder/data" --exec-root "$folder/exec" --pidfile "$folder/pid" \
        --bridge none --iptables=false >"$folder/log" 2>&1 &
    engine=$!
    for _ in $(seq 100); do
        docker --host "unix://$folder/docker.sock" version >/dev/null 2>&1 && break
        kill -0 $engine 2>/dev/null || break
        sleep 0.2
    done
    docker --host "unix://$folder/docker.sock" version >/dev/null 2>&1 || echo "dockerd can't run here: $(tail -n 1 "$folder/log")"
    kill $engine 2>/dev/null
    wait $engine 2>/dev/null
    rm -rf "$folder"
}

run_services() { # two at a time, as they wait about as much as they work; the longest first
    local name
    for name in $(longest_first); do
        wanted "$name" || continue
        [ "$(jobs -rp | wc -l)" -lt 2 ] || wait -n
        run "$name" "$name" "${without_docker[@]}" &
    done
    wait
}

longest_first() {
    local project
    echo Sidecar Devices Users Notifications Postgres
    for project in tests/*.Tests; do
        basename "$project" .Tests
    done | grep -vxE 'Platform|Sidecar|Devices|Users|Notifications|Postgres'
}

run_platform() {
    run Platform Platform -trait- kind=chaos -trait- kind=faults -trait- Needs=Servers # alone, as it measures
    run_faults
    run_on_servers
}

run_faults() {
    run Platform "Platform, faults" -trait kind=faults -trait- Needs=Replicas -trait- Needs=Servers
    [ -n "$(missing_servers)" ] || CLOUDPHONE_TEST_SERVERS=1 CLOUDPHONE_TEST_REPLICAS=2 run Platform \
        "Platform, 2 replicas" -class '*.CreatePhoneTests' -class '*.KillTests'
}

run_on_servers() {
    local missing
    missing=$(missing_servers | paste -sd ' ')
    if [ -n "$missing" ]; then
        echo "  all of Platform on real servers: needs $missing" >> "$logs/reasons"
        echo 0 0 1 >> "$logs/counts"
        return
    fi
    CLOUDPHONE_TEST_SERVERS=1 run Platform "Platform on servers" -preEnumerateTheories \
        -trait- Needs=Replicas -trait- Needs=Embedded
}

projects=("$@")
without_docker=()
if wanted Devices; then
    trouble=$(docker_trouble)
    if [ -n "$trouble" ]; then
        # phones are processes then, and tests of those run all the same
        without_docker=(-trait- Needs=Docker)
        echo "Without the tests of phones in containers: $trouble"
    fi
fi
if [ "${1:-}" = --chaos ]; then
    CLOUDPHONE_CHAOS=full run Platform Chaos -trait kind=chaos
    [ -n "$(missing_servers)" ] || CLOUDPHONE_CHAOS=full CLOUDPHONE_TEST_SERVERS=1 run Platform \
        "Metering under chaos" -class '*.MeteringOracleTests'
elif [ "${1:-}" = --scale ]; then
    CLOUDPHONE_SCALE=full run Platform Scale -trait kind=scale
else
    run_services
    if wanted Platform; then run_platform; fi
fi

read -r passed failed skipped < <(awk '{ p += $1; f += $2; s += $3 } END { print p + 0, f + 0, s + 0 }' "$logs/counts")
[ -s "$logs/failures" ] && printf 'Failed:\n%s\n' "$(cat "$logs/failures")"
[ -s "$logs/reasons" ] && printf 'Skipped, and why:\n%s\n' "$(sort "$logs/reasons" | uniq -c)"
if [ "${CLOUDPHONE_REQUIRE_INFRA:-}" = 1 ] && [ "$skipped" -gt 0 ]; then
    echo "Skipped tests count as failed here (CLOUDPHONE_REQUIRE_INFRA=1)."
    failed=$((failed + skipped)) skipped=0
fi
[ -s "$logs/names" ] && cut -c 1-300 "$logs/names" # last, as a short log shows the end
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
