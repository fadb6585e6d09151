#!/bin/bash
# The series on machines unlike this one: little memory, an odd path, a checkout that cannot be written, no HOME …
# Usage: tests/machines.sh PYTHON [condition …].  Copies the files under version control, and changes nothing here.
set -u
python=$1; shift
root=$(cd "$(dirname "$0")/.." && pwd)
place=$(mktemp -d) && chmod 755 "$place" && trap 'chmod -R u+w "$place"; rm -rf "$place"' EXIT
copy="$place/ein Ordner für 数字"
git -C "$root" ls-files -z | (cd "$root" && tar -c --null -T -) | (mkdir "$copy" && tar -x -C "$copy" --no-same-owner)
chmod -R a+rX "$copy"
nobody="setpriv --reuid=65534 --regid=65534 --clear-groups --no-new-privs"
[ "$(id -u)" = 0 ] || nobody=""
tests="tests/test_losses.py tests/test_parameters.py tests/test_training.py tests/test_gradcheck.py tests/test_descent.py
    tests/test_mnist.py tests/test_figures_surface.py tests/test_predictions.py"

run() {  # a name, what to put before the command, the settings
    cd "$copy" && unset PYTHONPATH WFW_PREDICTIONS && export PYTHONPATH="$copy" PYTHONDONTWRITEBYTECODE=1 OPENBLAS_NUM_THREADS=1
    # A Python in the home of root cannot be started a second time by another user: then there is no kernel.
    notebook=notebooks/02_the_mse_loss.ipynb
    $1 "$python" -c 'import subprocess, sys; subprocess.run([sys.executable, "-c", ""])' 2>/dev/null || notebook=tests/test_losses.py
    $1 "$python" -m pytest -q -x --no-header -p no:cacheprovider -k "not jax" $tests &&
    $1 "$python" -m pytest -q -x --no-header -p no:cacheprovider --nbval --nbval-current-env -k "not jax" \
        --nbval-sanitize-with=tests/nbval_sanitize.cfg $notebook &&
    $1 "$python" -m helpers.data.mnist
}

declare -A conditions=(
    [path]='run ""'
    # Without the variable every thread reserves 64 MB of addresses that it does not fill, and the limit counts those too.
    [memory]='ulimit -v 1500000; export MALLOC_ARENA_MAX=1; run ""'
    [readonly]='chmod -R a-w "$copy"; run "$nobody"'
    [nobody]='TMPDIR=$(mktemp -d -p "$place"); chmod 777 "$TMPDIR"; export TMPDIR; export HOME=/nonexistent; run "$nobody"'
    [nohome]='unset HOME XDG_CACHE_HOME KERAS_HOME IPYTHONDIR JUPYTER_CONFIG_DIR MPLCONFIGDIR; run "$nobody"'
    [locale]='unset LANG PYTHONUTF8 PYTHONIOENCODING; export LC_ALL=C; run ""'
    [clock]='export TZ=Pacific/Kiritimati; run ""'
)
failed=0
for condition in ${@:-path memory readonly nobody nohome locale clock}; do
    if (eval "${conditions[$condition]}") > "$place/log" 2>&1; then
        echo "$condition: $(grep -h passed "$place/log" | sed 's/ in .*//' | paste -sd,) $(tail -1 "$place/log")"
    else
        echo "$condition: FAILED"; tail -40 "$place/log"; failed=1
    fi
    chmod -R u+w "$copy"
done
exit $failed
