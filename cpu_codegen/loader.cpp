// The loader: RuntimeDyld on one object at a time, which starts no session and costs least for small objects.
#include "cpu_codegen/loader.h"

#include <dlfcn.h>
#include <llvm/ExecutionEngine/RuntimeDyld.h>
#include <llvm/ExecutionEngine/SectionMemoryManager.h>
#include <llvm/Object/ObjectFile.h>
#include <llvm/Support/MemoryBuffer.h>

#include <bit>
#include <cmath>

#include "cpu_codegen/vector_math.h"
#include "support/diagnostics.h"

// libgcc's conversions of float16, which code for CPUs without AVX512-FP16 calls. Only their addresses are
// taken.
extern "C" {
void __truncdfhf2();
void __truncsfhf2();
void __extendhfsf2();
}

namespace cantil::cpu_codegen {
namespace {

// What libgcc has from version 13 on, rounding to the nearest. A bfloat16 is returned where a float16 would
// be.
_Float16 to_bfloat(float x) {
  const uint32_t bits = std::bit_cast<uint32_t>(x);
  const uint32_t rounded = x != x ? bits | 0x400000 : bits + 0x7FFF + (bits >> 16 & 1);
  return std::bit_cast<_Float16>(static_cast<uint16_t>(rounded >> 16));
}

// Rounding to odd on the way keeps the second rounding right.
_Float16 to_bfloat_from_double(double x) {
  float narrow = static_cast<float>(x);
  if (narrow == narrow && static_cast<double>(narrow) != x && !std::isinf(narrow)) {
    uint32_t bits = std::bit_cast<uint32_t>(narrow);
    if (std::fabs(static_cast<double>(narrow)) > std::fabs(x)) --bits;
    narrow = std::bit_cast<float>(bits | 1);
  }
  return to_bfloat(narrow);
}

void* find_system(const std::string& name) {
  if (name == "__truncsfbf2") return reinterpret_cast<void*>(&to_bfloat);
  if (name == "__truncdfbf2") return reinterpret_cast<void*>(&to_bfloat_from_double);
  if (name == "__truncdfhf2") return reinterpret_cast<void*>(&__truncdfhf2);
  if (name == "__truncsfhf2") return reinterpret_cast<void*>(&__truncsfhf2);
  if (name == "__extendhfsf2") return reinterpret_cast<void*>(&__extendhfsf2);
  if (name.rfind("Sleef_", 0) == 0) return vector_math_symbol(name);
  return dlsym(RTLD_DEFAULT, name.c_str());
}

class Resolver : public llvm::LegacyJITSymbolResolver {
 public:
  explicit Resolver(const SymbolResolver& outer) : outer_(outer) {}

  llvm::JITSymbol findSymbol(const std::string& name) override {
    void* address = outer_ ? outer_(name) : nullptr;
    if (!address) address = find_system(name);
    if (!address) return nullptr;
    return llvm::JITSymbol(reinterpret_cast<uint64_t>(address), llvm::JITSymbolFlags::Exported);
  }
  llvm::JITSymbol findSymbolInLogicalDylib(const std::string&) override { return nullptr; }

 private:
  const SymbolResolver& outer_;
};

class Loaded : public LoadedObject {
 public:
  Loaded(const std::string& object, const SymbolResolver& resolver) {
    auto file = llvm::object::ObjectFile::createObjectFile(llvm::MemoryBufferRef(object, "cantil"));
    if (!file) throw InternalError("damaged object: " + llvm::toString(file.takeError()));
    Resolver symbols(resolver);
    llvm::RuntimeDyld linker(memory_, symbols);
    linker.loadObject(**file);
    linker.resolveRelocations();
    if (linker.hasError()) throw InternalError("cannot load compiled code: " + linker.getErrorString().str());
    std::string error;
    if (memory_.finalizeMemory(&error)) throw InternalError("cannot make compiled code executable: " + error);
    for (const auto& [name, symbol] : linker.getSymbolTable())
      symbols_.emplace(name.str(), reinterpret_cast<void*>(symbol.getAddress()));
  }

  void* address(const std::string& symbol) const override {
    auto at = symbols_.find(symbol);
    return at == symbols_.end() ? nullptr : at->second;
  }

 private:
  llvm::SectionMemoryManager memory_;
  std::unordered_map<std::string, void*> symbols_;
};

}  // namespace

std::unique_ptr<LoadedObject> load_object(const std::string& object, const SymbolResolver& resolver) {
  return std::make_unique<Loaded>(object, resolver);
}

}  // namespace cantil::cpu_codegen
