// What users add to the library while the program runs: overloads of functions, methods, attributes and
// operators.
//
// An extension is known here by the key of what it extends: "numpy.median", "extension.module.function" (a
// function of the user's own), "method:total", "attribute:half". Which implementation serves a call is asked
// through a callback that the bindings set: there the user's Python function looks at the types.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "frontend/function.h"

namespace cantil::frontend {

struct ExtensionCall {
  std::string key;
  std::vector<ir::TypeRef> positional;  // with literals
  std::vector<std::pair<std::string, ir::TypeRef>> keywords;
  CodeTarget target = CodeTarget::Cpu;
  bool literals_only = false;  // an implementation wants literals: those for the types without are out
};

// One way to serve a call; the first that can be typed is taken.
struct Implementation {
  std::shared_ptr<Function> function;
  bool wants_literals = false;  // it was chosen for the literal types, else for the types without
  bool takes_class = false;     // a class method: the class comes first
  // An intrinsic instead: the text of a function in LLVM's language, its parameters and what it returns.
  std::string llvm;
  std::vector<ir::TypeRef> parameters;
  ir::TypeRef result = nullptr;
};

// Throws CompileError where the user's function raises a typing error; other exceptions pass.
using ExtensionResolver = std::function<std::vector<Implementation>(const ExtensionCall&, const Span&)>;
void set_extension_resolver(ExtensionResolver resolver);
std::vector<Implementation> implementations(const ExtensionCall& call, const Span& span);

// Registers that something of this key exists. `digest` says what it is made of, for the disk cache: empty
// where that cannot be said, so that nothing that may use it is kept.
void add_extension(const std::string& key, std::function<std::string()> digest);
bool is_extended(std::string_view key);
// Adds what an extension of a user's own function is made of to a cache key; false when that is not known.
bool hash_extension(Hasher& h, const std::string& key);
// The same of all extensions that code may reach without naming their object: methods, operators, the
// library's functions.
bool hash_open_extensions(Hasher& h);

// Thrown while typing where an argument has to be a literal and is none: the number of the parameter.
struct NeedsLiteral {
  size_t parameter;
};

}  // namespace cantil::frontend
