// The IR's textual form: print() writes what parse() reads back to an equal module. One op a line; `//`
// begins a comment.
//
//   site 0 = "builtins.ValueError"("too large:", _: int64) in "f"      _ stands for a run-time argument
//   data 0 align 16 = 00ff12
//   func @f(%0 x: int64, %1 a: array(float64, 1d, C)) -> float64 host {
//     var s: float64                        a second variable of one name is s#1
//     %2 = const 0.0 : float64
//     var.set s, %2
//     %3 = array.dim[0] %1                  attributes in brackets: axis, site, sreg, math function, flags
//     %4 = call @g(%0, %2)
//     for %5: int64 = %0 to %3 step %0 {    parallel_for … reduce(add s) {
//     }
//     %7 = map[0] %1, %2 : array(float64, 1d, C) (%8, %9) {      map.into, reduce … reduce(add s) (%8) {
//       yield %8
//     }
//     while {
//       yield %6
//     } do {
//     }
//     if %6 {
//     } else {
//     }
//     return %2
//   }
//
// Value numbers are kept. Result types are written only where the op does not imply them (ir.h:
// implied_type).
#pragma once
#include <string>
#include <string_view>

#include "ir/ir.h"

namespace cantil::ir {

struct PrintOptions {
  bool spans = false;  // "@line:col" behind ops, variables and sites; the file is not written
};

std::string print(const Module& m, PrintOptions options = {});
std::string print(const Function& f, PrintOptions options = {});

// Throws ParseError (with a line number in its text) on malformed input.
class ParseError : public std::exception {
 public:
  explicit ParseError(std::string what) : what_(std::move(what)) {}
  const char* what() const noexcept override { return what_.c_str(); }

 private:
  std::string what_;
};
std::unique_ptr<Module> parse(std::string_view text);

}  // namespace cantil::ir
