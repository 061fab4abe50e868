// Artifacts of the host and the simulator, made callable.
#include <unordered_map>

#include "compiler/job.h"
#include "cpu_codegen/loader.h"
#include "device_runtime/symbols.h"
#include "support/diagnostics.h"
#include "support/trace.h"

namespace cantil::compiler {
namespace {

void* runtime_symbol(const std::string& name) {
  static const std::unordered_map<std::string, void*> table = [] {
    std::unordered_map<std::string, void*> t;
    for (const device_runtime::RuntimeSymbol& s : device_runtime::runtime_symbols())
      t.emplace(s.name, s.address);
    return t;
  }();
  auto at = table.find(name);
  return at == table.end() ? device_runtime::libdevice_function(name) : at->second;
}

}  // namespace

class LoadedCode {
 public:
  LoadedCode(std::shared_ptr<const Artifact> a, const FindSymbol& symbols)
      : artifact(std::move(a)),
        object(cpu_codegen::load_object(artifact->code,
                                        [&](const std::string& name) {
                                          void* found = runtime_symbol(name);
                                          return found || !symbols ? found : symbols(name);
                                        })),
        entry(object->address(artifact->entry)) {
    if (!entry) throw InternalError("the object has no entry point " + artifact->entry);
  }

  std::shared_ptr<const Artifact> artifact;
  std::unique_ptr<cpu_codegen::LoadedObject> object;
  void* entry;
};

std::shared_ptr<LoadedCode> load(std::shared_ptr<const Artifact> artifact, const FindSymbol& symbols) {
  CANTIL_CHECK(artifact->kind != TargetKind::Ptx);
  StageTimer timer("load", artifact->function_name);
  return std::make_shared<LoadedCode>(std::move(artifact), symbols);
}

void* entry_address(const LoadedCode& code) { return code.entry; }

}  // namespace cantil::compiler
