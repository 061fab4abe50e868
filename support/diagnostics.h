// Diagnostics: what a user sees when their program is wrong. The texts live in diagnostics.def, nowhere else.
#pragma once
#include <exception>
#include <string>
#include <utility>
#include <vector>

#include "support/span.h"

namespace cantil {

enum class Diag : uint16_t {
#define DIAG(name, code, cls, text, help) name,
#include "support/diagnostics.def"
#undef DIAG
};

// The Python exception class that a diagnostic surfaces as.
enum class DiagClass : uint8_t { Typing, Unsupported, Syntax, Lowering, Value, Launch, Driver, Internal };

struct DiagInfo {
  const char* name;
  const char* code;  // "C0101", stable, documented in docs/errors/
  DiagClass cls;
  const char* text;  // with {0}, {1}… for arguments
  const char* help;  // likewise; may be ""
};

const DiagInfo& diag_info(Diag id);

struct Note {
  Span span;
  std::string text;
};

struct Diagnostic {
  Diag id;
  Span span;
  std::vector<std::string> args;
  std::vector<Note> notes;  // where each type came from, the other place of a conflict…
  std::string function;     // the user's function being compiled, for the headline; may be empty

  std::string message() const;  // the text with its arguments filled in
  std::string help() const;
  // The whole report: headline, the user's line with a caret, notes with their lines, help. At most 25 lines.
  std::string render() const;
};

// Thrown by the compiler for a mistake in the user's program; holds one or more diagnostics.
class CompileError : public std::exception {
 public:
  explicit CompileError(Diagnostic d) { diagnostics_.push_back(std::move(d)); }
  explicit CompileError(std::vector<Diagnostic> ds) : diagnostics_(std::move(ds)) {}
  const std::vector<Diagnostic>& diagnostics() const { return diagnostics_; }
  std::vector<Diagnostic>& diagnostics() { return diagnostics_; }
  std::string render() const;
  const char* what() const noexcept override;

 private:
  std::vector<Diagnostic> diagnostics_;
  mutable std::string what_;
};

[[noreturn]] void fail(Diag id, Span span, std::vector<std::string> args = {}, std::vector<Note> notes = {});

// A broken invariant of the compiler itself: thrown as an exception so that the process survives it.
class InternalError : public std::exception {
 public:
  explicit InternalError(std::string what) : what_(std::move(what)) {}
  const char* what() const noexcept override { return what_.c_str(); }

 private:
  std::string what_;
};

[[noreturn]] void check_failed(const char* file, int line, const char* condition);

// Cheap enough to stay on in every build.
#define CANTIL_CHECK(cond)                                          \
  do {                                                              \
    if (!(cond)) ::cantil::check_failed(__FILE__, __LINE__, #cond); \
  } while (0)

}  // namespace cantil
