// Loads relocatable objects into this process.
#pragma once
#include <functional>
#include <memory>
#include <string>

namespace cantil::cpu_codegen {

// Memory of a loaded object; its code stays callable while this lives.
class LoadedObject {
 public:
  virtual ~LoadedObject() = default;
  virtual void* address(const std::string& symbol) const = 0;  // null when there is none
};

// Finds an outside symbol's address, null when it is not known. libm, libc and SLEEF are looked up after it.
using SymbolResolver = std::function<void*(const std::string& name)>;

// Thread-safe. Throws InternalError when the object is damaged or a symbol cannot be found.
std::unique_ptr<LoadedObject> load_object(const std::string& object, const SymbolResolver& resolver);

}  // namespace cantil::cpu_codegen
