// Loading code: refusals with the compiler's log, functions, variables, lifetimes.
#include "host_api/module.h"

#include <gmock/gmock.h>

#include "host_api/linker.h"
#include "tests/host_api/fixture.h"

namespace cantil::host_api {
namespace {

using ::testing::HasSubstr;

constexpr char kBadPtx[] = ".version 8.0\n.target sm_90\n.entry broken() {\n  bad_instruction %r1;\n}\n";

class ModuleTest : public HostApiTest {};

TEST_F(ModuleTest, RefusedPtxComesWithTheLogAndTheLine) {
  Context& context = Context::get(0);
  try {
    Module::load(context, kBadPtx);
    FAIL() << "was accepted";
  } catch (const CompileLogError& error) {
    EXPECT_EQ(error.code(), cu::kErrorInvalidPtx);
    EXPECT_EQ(error.call(), "cuModuleLoadDataEx");
    EXPECT_THAT(error.log(), HasSubstr("line 4; error   : Not a name of any known instruction"));
    EXPECT_THAT(error.what(), HasSubstr("CUDA_ERROR_INVALID_PTX"));
    EXPECT_THAT(error.what(), HasSubstr("4 |   bad_instruction %r1;"));
  }
  EXPECT_EQ(fake().live("module"), 0);
  EXPECT_NE(Module::load(context, kPtx), nullptr);
}

TEST_F(ModuleTest, LinkerRefusal) {
  Context& context = Context::get(0);
  EXPECT_THROW(link_with_driver(context, {{LinkInput::kPtx, kPtx, "a"}, {LinkInput::kPtx, kBadPtx, "b"}}),
               CompileLogError);
  EXPECT_THROW(link_with_driver(context, {{LinkInput::kLtoIr, "x", "c"}}), LibraryError);
  EXPECT_EQ(fake().live("link"), 0);
}

TEST_F(ModuleTest, WhatIsNoCode) {
  Context& context = Context::get(0);
  EXPECT_EQ(expect_driver_error([&] { Module::load(context, "not code"); }).code(), 200);
}

TEST_F(ModuleTest, PtxNeedNotEndInAZero) {
  const std::string text = std::string(kPtx) + "bad_instruction";
  const std::string_view without(text.data(), std::string_view(kPtx).size());
  EXPECT_NE(Module::load(Context::get(0), without), nullptr);
}

TEST_F(ModuleTest, FunctionsAndVariables) {
  Context& context = Context::get(0);
  auto module = Module::load(context, kPtx, {.max_registers = 64, .line_info = true});
  EXPECT_THAT(module->info_log(), HasSubstr("Used 32 registers"));
  auto function = module->function("scale");
  EXPECT_EQ(function->attributes().registers, 32u);
  EXPECT_EQ(function->attributes().max_threads_per_block, 1024u);
  EXPECT_EQ(function->attributes().ptx_version, 84);
  EXPECT_EQ(function->dynamic_shared_limit(), 49152u);
  EXPECT_EQ(function->dynamic_shared_maximum(), 232448u);
  EXPECT_EQ(module->global("table").bytes, 64u);
  EXPECT_THAT(expect_driver_error([&] { module->function("absent"); }).what(), HasSubstr("'absent'"));
  EXPECT_THAT(expect_driver_error([&] { module->global("absent"); }).what(), HasSubstr("'absent'"));
  // A function keeps its module.
  module.reset();
  EXPECT_EQ(fake().live("module"), 1);
  function.reset();
  EXPECT_EQ(fake().live("module"), 0);
}

TEST_F(ModuleTest, StaticSharedMemoryCountsAgainstTheLimits) {
  fake().set("kernel_shared_bytes", 40000);
  const auto function = Module::load(Context::get(0), kPtx)->function("scale");
  EXPECT_EQ(function->dynamic_shared_limit(), 9152u);
  EXPECT_EQ(function->dynamic_shared_maximum(), 192448u);
}

TEST_F(ModuleTest, LogWithoutLines) {
  EXPECT_EQ(explain_jit_log("", "x"), "The driver's compiler gave no log.");
  EXPECT_EQ(explain_jit_log("fatal", "x"), "The driver's compiler says:\nfatal");
  EXPECT_EQ(explain_jit_log("line 2; a\nline 99; b", "x\ny"),
            "The driver's compiler says:\nline 2; a\nline 99; b\nIn the PTX:\n2 | y");
}

}  // namespace
}  // namespace cantil::host_api
