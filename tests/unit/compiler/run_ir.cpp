// Compiling and loading of IR text for tests.
#include "tests/unit/compiler/run_ir.h"

#include <gtest/gtest.h>

#include "device_runtime/symbols.h"
#include "ir/passes/pipeline.h"
#include "ir/text.h"
#include "ir/verifier.h"

namespace cantil::test {

RunIr::RunIr(const std::string& text, bool passes, cpu_codegen::Options options) {
  std::unique_ptr<ir::Module> m = ir::parse(text);
  for (const std::string& problem : ir::verify(*m)) ADD_FAILURE() << problem << "\n" << text;
  if (passes) ir::run_pipeline(*m, ir::PipelineTarget::Cpu, true);
  compiled_ = cpu_codegen::compile(*m, options, "test");
  object_ = cpu_codegen::load_object(compiled_.object, [](const std::string& name) -> void* {
    for (const device_runtime::RuntimeSymbol& s : device_runtime::runtime_symbols())
      if (name == s.name) return s.address;
    return nullptr;
  });
  entry_ = reinterpret_cast<int32_t (*)(void*, const void*)>(object_->address(compiled_.info.entry));
  if (!entry_) throw std::runtime_error("no entry point");
}

void RunIr::expect_success(int32_t status) { ASSERT_EQ(status, 0); }

}  // namespace cantil::test
