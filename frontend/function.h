// What the front end knows of a user's function: its tree, its captured names and its options. No Python
// objects.
#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "frontend/syntax/tree.h"
#include "ir/ir.h"
#include "ir/type.h"

namespace cantil::frontend {

struct Function;

// A value that a function's free name stands for, frozen when the function is captured.
struct Captured {
  enum class Kind : uint8_t {
    Missing,  // no such name (an error only where typing reaches it); `text` is the key
    None,
    Bool,
    Int,
    Float,
    Complex,  // `type` and `scalar`; NumPy scalars keep their width
    Str,
    Bytes,     // `text`
    Tuple,     // `elems`; `names` for a namedtuple
    Array,     // `type` (C layout, read-only), `text` the bytes in C order, `shape`
    Module,    // `text`: canonical name ("numpy" even when imported as np)
    Builtin,   // `text`: canonical qualified name: "numpy.sin", "math.pi" is a Float instead, "builtins.len",
               // "cantil.cuda.grid"
    Function,  // `function`
    Type,      // `type`: np.float32, numba.int64, builtins bool/complex; `text` is "builtins.int" or
               // "builtins.float" for these two
    NamedTuple,      // the class: `text` its name, `names` the fields, `elems` defaults of the last ones,
                     // `object_ref`
    ExceptionClass,  // `text`: "module.qualname"; `names`: the same of all its bases; `object_ref` when not
                     // importable by that name
    Ellipsis,
    Other  // `text`: the Python type's name, for the diagnostic
  };
  Kind kind = Kind::Missing;
  ir::TypeRef type = nullptr;
  ir::ConstValue scalar;
  std::string text;
  std::vector<Captured> elems;
  std::vector<std::string> names;
  std::vector<int64_t> shape;
  std::shared_ptr<Function> function;
  int64_t object_ref = -1;
};

// One line about a captured value, for dumps and tests: "Int int64 5", "Builtin numpy.sin".
std::string describe(const Captured& c);

struct FunctionOptions {
  uint8_t fastmath = 0;  // ir::FastMath bits
  bool boundscheck = false;
  bool numpy_errors = false;  // error_model='numpy': division by zero gives inf/nan/0
  bool parallel = false;      // prange is parallel
  bool nogil = false;
  bool debug = false;
  ir::Inline inlining = ir::Inline::Auto;
  std::map<std::string, ir::TypeRef> locals;  // types that variables are to have; others are inferred
  int max_threads = 0, min_blocks = 0, max_registers = 0;  // kernels
};

// How a function from elsewhere is called: it has no tree.
struct External {
  std::string symbol;
  std::string key;     // tells what is linked for it; "" for nothing
  bool c_abi = false;  // else Numba's: a status is returned, the result written through the first argument
  ir::TypeRef ret = nullptr;
  std::vector<ir::TypeRef> args;
};

enum class FunctionRole : uint8_t { Host, CudaKernel, CudaDevice };

// What a call of the function means.
enum class Calling : uint8_t {
  Plain,
  Ufunc,             // vectorize: it is applied to elements; arrays broadcast
  GeneralisedUfunc,  // guvectorize: to sub-arrays, as `layout` says
  Stencil            // it is applied at each element of its first argument, see Stencil
};

struct Stencil {
  // One (lowest, highest) offset for each axis; empty: the constant ones that the function's indices have.
  std::vector<std::pair<int64_t, int64_t>> neighborhood;
  std::vector<std::string> standard_indexing;  // parameters that are indexed as usual
  Captured cval;                               // the border's value; Missing: zero
};

struct Function {
  uint64_t id = 0;     // unique in the process; assigned by make_function()
  std::string name;    // __qualname__
  std::string module;  // __module__
  std::string filename;
  std::shared_ptr<syntax::Tree> tree;
  FunctionRole role = FunctionRole::Host;
  Calling calling = Calling::Plain;
  std::string layout;  // GeneralisedUfunc: "(m,n),(n)->(m)"
  Stencil stencil;
  std::shared_ptr<const External> external;  // set for a function from elsewhere
  bool is_library = false;  // a body of stdlib/: takes its caller's options, its frames are hidden
  FunctionOptions options;
  // Free names by dotted chain as written in the source: "np.sin", "N", "cuda.threadIdx.x". The capture
  // resolves each maximal chain `a.b.c` that starts at a free name as far as it goes through modules and
  // namespaces; the key is the prefix that was resolved. A chain that goes on behind a value ("A.shape") has
  // the key "A".
  std::map<std::string, Captured> captures;
  std::vector<Captured> defaults;  // of the last parameters, for calls from compiled code
  std::map<std::string, Captured> kw_defaults;
  // A function defined inside another one, or a lambda: the function around it (which outlives it), and the
  // names of that function's variables that it uses. They are its last keyword-only parameters, and every
  // call passes their values of that moment. Defaults of its own parameters are computed where it is defined
  // and kept in hidden variables of the outer function: parameter -> that variable.
  const Function* outer = nullptr;
  // A variable that only a function called from here uses is named "^variable".
  std::vector<std::string> environment;
  std::map<std::string, std::string> computed_defaults;
  // Those of `environment` that are cells: variables that nested functions assign.
  std::vector<std::string> cells;
  // Explicit signatures: argument types (and return type or null). Empty: specialise at the call.
  std::vector<std::vector<ir::TypeRef>> signatures;
  std::vector<ir::TypeRef> signature_returns;
  // The owner's own: what it made the function of.
  std::shared_ptr<void> source_object;
  // Set by the owner; called (once, under the compile lock) before the function is first typed, to read the
  // source and fill `tree` and `captures`. Throws CompileError.
  std::function<void(Function&)> capture;
  // `capture` after it was called, until a compilation with it succeeds: see end_capture.
  std::function<void(Function&)> captured_by;
};

std::shared_ptr<Function> make_function();

// The function with this id, or null when it is gone.
std::shared_ptr<Function> find_function(uint64_t id);

// The function, and those around it, live as long as the process: a value that outlives the compilation (a
// generator that went to Python) names it.
void keep_function(uint64_t id);

// Calls `f.capture` once, if it has not been called: `tree` and `captures` are there afterwards.
void ensure_captured(Function& f);

// Called when a compilation of f ends. After one that failed, f and the functions that it captured are
// captured again by the next: what was missing may have been defined, what was wrong may have been corrected.
// After one that succeeded they stay.
void end_capture(Function& f, bool succeeded);

// The maximal dotted chains rooted at names that `root` does not bind itself, in order of first use, each as
// its parts
// ({"np", "linalg", "norm"}); nested functions and comprehensions are looked into.
std::vector<std::vector<std::string>> free_chains(const syntax::Node* root);

// Names of the parameters in order, with their kinds, for binding calls.
struct Parameters {
  std::vector<std::string> positional;  // positional-only ones first
  int positional_only = 0;
  std::string vararg;  // "" if none
  std::vector<std::string> keyword_only;
  std::string kwarg;
};
Parameters parameters(const syntax::Node* root);

enum class CodeTarget : uint8_t { Cpu, Ptx, Sim };

struct Lowered {
  std::unique_ptr<ir::Module> module;  // functions[0] is the entry
  ir::TypeRef ret = nullptr;
  std::vector<ir::TypeRef> args;       // as run-time types (literals removed), one per parameter
  std::string types_text;              // inspect_types()
  std::vector<std::string> externals;  // "symbol:key" of each External that is called
};

// Types and lowers `f` for the argument types (one per parameter; a vararg's is a tuple) and everything it
// calls. Throws CompileError with all that is wrong. `ret_hint` is the signature's return type or null.
Lowered lower(Function& f, const std::vector<ir::TypeRef>& args, CodeTarget target,
              ir::TypeRef ret_hint = nullptr);

// A file's name without what differs from process to process: a notebook's cells are files of the kernel's
// process, "/tmp/ipykernel_1234/567.py", or numbered inputs, "<ipython-input-3-0123abcd>".
std::string stable_file_name(const std::string& name);

// Adds what the result depends on (trees, captures, options, of f and all functions it reaches) to a cache
// key. False when something cannot be keyed (an object with no stable name), so that the caller does not
// cache.
bool hash_function(Hasher& h, Function& f);

}  // namespace cantil::frontend
