// Python's exception hierarchy as a table, and the classes that an except clause takes.
#include "frontend/exception_classes.h"

#include <algorithm>
#include <unordered_map>

namespace cantil::frontend {

namespace {

struct Row {
  const char *name, *base;
};

// Every class that compiled code or the library can raise by name.
const Row kRows[] = {
    {"builtins.Exception", "builtins.BaseException"},
    {"builtins.GeneratorExit", "builtins.BaseException"},
    {"builtins.KeyboardInterrupt", "builtins.BaseException"},
    {"builtins.SystemExit", "builtins.BaseException"},
    {"builtins.ArithmeticError", "builtins.Exception"},
    {"builtins.FloatingPointError", "builtins.ArithmeticError"},
    {"builtins.OverflowError", "builtins.ArithmeticError"},
    {"builtins.ZeroDivisionError", "builtins.ArithmeticError"},
    {"builtins.AssertionError", "builtins.Exception"},
    {"builtins.AttributeError", "builtins.Exception"},
    {"builtins.BufferError", "builtins.Exception"},
    {"builtins.EOFError", "builtins.Exception"},
    {"builtins.ImportError", "builtins.Exception"},
    {"builtins.ModuleNotFoundError", "builtins.ImportError"},
    {"builtins.LookupError", "builtins.Exception"},
    {"builtins.IndexError", "builtins.LookupError"},
    {"builtins.KeyError", "builtins.LookupError"},
    {"builtins.MemoryError", "builtins.Exception"},
    {"builtins.NameError", "builtins.Exception"},
    {"builtins.UnboundLocalError", "builtins.NameError"},
    {"builtins.OSError", "builtins.Exception"},
    {"builtins.BlockingIOError", "builtins.OSError"},
    {"builtins.ChildProcessError", "builtins.OSError"},
    {"builtins.ConnectionError", "builtins.OSError"},
    {"builtins.BrokenPipeError", "builtins.ConnectionError"},
    {"builtins.ConnectionAbortedError", "builtins.ConnectionError"},
    {"builtins.ConnectionRefusedError", "builtins.ConnectionError"},
    {"builtins.ConnectionResetError", "builtins.ConnectionError"},
    {"builtins.FileExistsError", "builtins.OSError"},
    {"builtins.FileNotFoundError", "builtins.OSError"},
    {"builtins.InterruptedError", "builtins.OSError"},
    {"builtins.IsADirectoryError", "builtins.OSError"},
    {"builtins.NotADirectoryError", "builtins.OSError"},
    {"builtins.PermissionError", "builtins.OSError"},
    {"builtins.ProcessLookupError", "builtins.OSError"},
    {"builtins.TimeoutError", "builtins.OSError"},
    {"builtins.ReferenceError", "builtins.Exception"},
    {"builtins.RuntimeError", "builtins.Exception"},
    {"builtins.NotImplementedError", "builtins.RuntimeError"},
    {"builtins.RecursionError", "builtins.RuntimeError"},
    {"builtins.StopAsyncIteration", "builtins.Exception"},
    {"builtins.StopIteration", "builtins.Exception"},
    {"builtins.SyntaxError", "builtins.Exception"},
    {"builtins.IndentationError", "builtins.SyntaxError"},
    {"builtins.TabError", "builtins.IndentationError"},
    {"builtins.SystemError", "builtins.Exception"},
    {"builtins.TypeError", "builtins.Exception"},
    {"builtins.ValueError", "builtins.Exception"},
    {"builtins.UnicodeError", "builtins.ValueError"},
    {"builtins.UnicodeDecodeError", "builtins.UnicodeError"},
    {"builtins.UnicodeEncodeError", "builtins.UnicodeError"},
    {"builtins.UnicodeTranslateError", "builtins.UnicodeError"},
    {"builtins.Warning", "builtins.Exception"},
    {"builtins.DeprecationWarning", "builtins.Warning"},
    {"builtins.FutureWarning", "builtins.Warning"},
    {"builtins.RuntimeWarning", "builtins.Warning"},
    {"builtins.UserWarning", "builtins.Warning"},
    {"numpy.linalg.LinAlgError", "builtins.ValueError"},
};

bool derives(const std::string& name, const std::string& of) {
  static const auto* bases = [] {
    auto* m = new std::unordered_map<std::string, std::string>;
    for (const Row& r : kRows) (*m)[r.name] = r.base;
    return m;
  }();
  std::string at = name;
  while (at != of) {
    auto it = bases->find(at);
    if (it == bases->end()) return false;
    at = it->second;
  }
  return true;
}

}  // namespace

std::string exception_key(const std::string& name, int64_t class_ref) {
  return class_ref < 0 ? name : name + "#" + std::to_string(class_ref);
}

std::string exception_filter(const std::vector<std::string>& caught, const ExceptionBases& program) {
  std::vector<std::string> yes, no;
  auto sort = [&](const std::string& key, const std::vector<std::string>* bases) {
    bool matches = std::any_of(caught.begin(), caught.end(), [&](const std::string& of) {
      if (key == of || derives(key, of)) return true;
      return bases && std::find(bases->begin(), bases->end(), of) != bases->end();
    });
    (matches ? yes : no).push_back(key);
  };
  sort("builtins.BaseException", nullptr);
  for (const Row& r : kRows)
    if (!program.count(r.name)) sort(r.name, nullptr);
  for (const auto& [key, bases] : program)
    if (key != "builtins.BaseException") sort(key, &bases);
  if (no.empty()) return "*";
  const bool inverted = yes.size() > no.size();
  std::string text = inverted ? "!" : "";
  for (const std::string& key : inverted ? no : yes)
    text += (text.size() > (inverted ? 1u : 0u) ? "|" : "") + key;
  return text;
}

}  // namespace cantil::frontend
