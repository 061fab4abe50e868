// The library's functions, out of the snapshot of stdlib/ that the build embeds. Nothing is read before it is
// asked for.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "frontend/function.h"

namespace cantil::frontend {

// What stands above a library function: `@overload(np.median)` has the name "overload" and the key
// "numpy.median".
struct LibraryDecorator {
  std::string name;
  std::string key;           // canonical; "" when there is no first argument
  const syntax::Node* node;  // the whole decorator
};

struct LibraryFunction {
  uint32_t id = 0;
  std::string name;
  std::string file;  // relative to stdlib/: "math_library.py"
  uint32_t line = 0;
  std::string doc;
  std::vector<LibraryDecorator> decorators;
  std::vector<std::shared_ptr<syntax::Tree>> decorator_trees;  // owners of the nodes
};

// A snapshot and what has been read of it. Thread-safe. Results live as long as the Library.
class Library {
 public:
  // `bytes` must outlive the library. Throws InternalError when they are no snapshot of this format.
  explicit Library(std::string_view bytes);
  ~Library();
  Library(const Library&) = delete;
  Library& operator=(const Library&) = delete;

  uint32_t size() const;
  // Of the whole snapshot: 32 hexadecimal digits.
  std::string_view hash() const;
  // Functions with a decorator of this key, in the order of files (sorted by name) and of lines. Aliases are
  // one name.
  const std::vector<uint32_t>& overloads(std::string_view qualified_name);
  // All keys, sorted.
  std::vector<std::string_view> keys() const;
  const LibraryFunction& info(uint32_t id);
  // With its tree, its captures and its defaults. Functions among the captures are filled when their
  // `capture` is called.
  Function& function(uint32_t id);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// The embedded library. It lives as long as the process.
Library& library();

inline const std::vector<uint32_t>& library_overloads(std::string_view qualified_name) {
  return library().overloads(qualified_name);
}
inline Function& library_function(uint32_t id) { return library().function(id); }

}  // namespace cantil::frontend
