// Which exception classes derive from which: Python's own, and those that a program names.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace cantil::frontend {

// A class's name for comparing: "builtins.ValueError"; one that cannot be imported by its name has its number
// behind it.
std::string exception_key(const std::string& name, int64_t class_ref);

// Classes that a program names: key -> the names of all its bases.
using ExceptionBases = std::map<std::string, std::vector<std::string>>;

// The attribute of the op exception.is for `except` with these classes: "*" for everything, else the keys of
// all known classes that match, or, behind "!", of those that do not; separated by "|".
std::string exception_filter(const std::vector<std::string>& caught, const ExceptionBases& program);

}  // namespace cantil::frontend
