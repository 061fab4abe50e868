# Sourced by ./dev: installs what is missing (Debian packages, virtual environments, NVIDIA's PyPI parts).
# Each step first looks whether there is anything to do, so that a second call costs milliseconds.

# Linked worktrees share the environments of the main checkout.
environment_root() {
  local common
  common=$(git -C "$ROOT" rev-parse --path-format=absolute --git-common-dir 2>/dev/null || true)
  if [[ $(basename "$common") == .git ]]; then dirname "$common"; else echo "$ROOT"; fi
}

install_debian_packages() {
  local -a wanted missing=()
  mapfile -t wanted < "$ROOT/tools/apt-packages.txt"
  if ! command -v dpkg-query >/dev/null; then
    say "not a Debian system: make sure that these are installed: ${wanted[*]}"
    return
  fi
  local installed package
  installed=" $(dpkg-query -W -f '${db:Status-Abbrev}${binary:Package} ' "${wanted[@]}" 2>/dev/null || true)"
  for package in "${wanted[@]}"; do
    [[ $installed =~ \ ii\ "$package"(:[a-z0-9]+)?\  ]] || missing+=("$package")
  done
  [[ ${#missing[@]} -eq 0 ]] && return
  local sudo=""
  if [[ $(id -u) -ne 0 ]]; then
    command -v sudo >/dev/null || die "as root, run: apt-get install ${missing[*]}"
    sudo=sudo
  fi
  say "installing Debian packages: ${missing[*]}"
  $sudo apt-get update -q
  DEBIAN_FRONTEND=noninteractive $sudo apt-get install -q -y --no-install-recommends "${missing[@]}"
}

# ensure_environment FOLDER PYTHON REQUIREMENTS…: a virtual environment that holds the requirements.
ensure_environment() {
  local folder=$1 python=$2 stamp
  shift 2
  stamp="$folder/.requirements-$(cat "$@" | sha256sum | cut -c1-16)"
  [[ -e $stamp ]] && return
  (
    mkdir -p "$(dirname "$folder")"
    exec 9>"$folder.lock"
    flock 9  # worktrees share it
    [[ -e $stamp ]] && exit 0
    say "creating $folder"
    if [[ ! -x $folder/bin/python ]]; then
      "$python" -c 'import sys; sys.exit(sys.version_info < (3, 10))' || die "Python 3.10 or later is needed, $python is older"
      "$python" -m venv "$folder"
    fi
    local -a files=()
    for file in "$@"; do files+=(-r "$file"); done
    "$folder/bin/python" -m pip install -q --disable-pip-version-check "${files[@]}"
    rm -f "$folder"/.requirements-*
    touch "$stamp"
  )
}

# The folders with a toolkit's programs: the toolkit's own, else those of NVIDIA's PyPI packages.
find_cuda() {
  local root
  for root in "${CUDA_HOME:-}" "${CUDA_PATH:-}" /usr/local/cuda; do
    if [[ -n $root && -x $root/bin/ptxas ]]; then
      PATH="$root/bin:$PATH"
      return 0
    fi
  done
  command -v ptxas >/dev/null
}

setup() {
  install_debian_packages
  VENV="$(environment_root)/.venv"
  local -a requirements=("$ROOT/tools/requirements.txt")
  CUDA_FROM="toolkit"
  if ! find_cuda; then
    CUDA_FROM="NVIDIA's PyPI packages"
    requirements+=("$ROOT/tools/requirements-cuda.txt")
  fi
  ensure_environment "$VENV" "${CANTIL_BASE_PYTHON:-python3}" "${requirements[@]}"
  PYTHON="$VENV/bin/python"
  local folder
  for folder in "$VENV"/lib/python3*/site-packages/nvidia/*/bin; do
    [[ $CUDA_FROM != toolkit && -d $folder ]] && PATH="$folder:$PATH"
  done
  export PATH="$VENV/bin:$PATH" VIRTUAL_ENV="$VENV" PYTHONPATH="$ROOT/python${PYTHONPATH:+:$PYTHONPATH}"
}

# What a run on this machine cannot check; said before the tests, so that it is never silent.
say_unchecked() {
  [[ $CUDA_FROM == toolkit ]] || say "no CUDA toolkit: ptxas, libdevice and NVRTC come from $CUDA_FROM"
  command -v ptxas >/dev/null || say "not checked here: assembling PTX (no ptxas)"
  [[ -e /dev/nvidiactl || -e /dev/dxg ]] || say "not checked here: running on a real GPU (no NVIDIA device)"
}
