// The IR's textual form: print() writes what parse() reads back to an equal module.
#pragma once
#include <string>
#include <string_view>

#include "ir/ir.h"

namespace cantil::ir {

std::string print(const Module& m);
std::string print(const Function& f);

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
