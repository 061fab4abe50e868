// Properties of the back ends and the cache that no program shows: repeatable code, artifacts as bytes, bad
// entries.
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "compiler/artifact_io.h"
#include "compiler/disk_cache.h"
#include "ir/passes/pipeline.h"
#include "ir/text.h"
#include "ptx_codegen/compile.h"
#include "support/diagnostics.h"
#include "tests/unit/compiler/run_ir.h"

namespace cantil::test {
namespace {

namespace fs = std::filesystem;

std::string loop(const std::string& name, const std::string& op) {
  return "func @" + name +
         "(%0 a: array(float64, 1d, C), %1 x: float64) -> none host {\n  %2 = const 0 : int64\n  %3 = const "
         "1 : int64\n"
         "  %4 = array.dim[0] %0\n  for %5: int64 = %2 to %4 step %3 {\n    %6 = elem.load %0, %5\n    %7 "
         "= " +
         op +
         " %6, %1\n"
         "    elem.store %0, %5, %7\n  }\n}\n";
}

TEST(BackEnd, TheSameModuleGivesTheSameCodeWhateverCameBefore) {
  const std::string first = RunIr(loop("f", "add")).compiled().object;
  for (const char* op : {"mul", "sub", "div", "min"}) {
    EXPECT_NE(RunIr(loop("f", op)).compiled().object, first);
    EXPECT_EQ(RunIr(loop("f", "add")).compiled().object, first);
    RunIr(loop("another_function_with_a_long_name", op));
  }
}

TEST(BackEnd, CompilesAndLoadsFromManyThreads) {
  std::vector<std::thread> threads;
  std::vector<double> results(8);
  for (size_t t = 0; t < results.size(); ++t)
    threads.emplace_back([t, &results] {
      for (int round = 0; round < 5; ++round) {
        RunIr f("func @f(%0 x: float64) -> float64 host {\n  %1 = const " + std::to_string(t) +
                ".5 : float64\n  %2 = add %0, %1\n  return %2\n}\n");
        results[t] = f.operator()<double>(1.0);
      }
    });
  for (std::thread& t : threads) t.join();
  for (size_t t = 0; t < results.size(); ++t) EXPECT_EQ(results[t], 1.5 + static_cast<double>(t));
}

TEST(BackEnd, ADamagedObjectIsRefused) {
  std::string object = RunIr(loop("f", "add")).compiled().object;
  EXPECT_THROW(cpu_codegen::load_object(object.substr(0, 40), {}), InternalError);
  EXPECT_THROW(cpu_codegen::load_object("", {}), InternalError);
}

TEST(BackEnd, AnUnknownSymbolIsRefused) {
  std::unique_ptr<ir::Module> m =
      ir::parse("func @f() -> none host {\n  %0 = call_c \"cantil_no_such_function\" : int64\n}\n");
  const cpu_codegen::Compiled c = cpu_codegen::compile(*m, {}, "f");
  EXPECT_THROW(cpu_codegen::load_object(c.object, {}), InternalError);
}

TEST(Ptx, UnknownArchitecturesAndOldDriversAreDiagnosed) {
  const std::string text = "func @k(%0 a: array(int32, 1d, C)) -> none kernel noraise {\n}\n";
  auto code_of = [&](ptx_codegen::Options o) -> std::string {
    std::unique_ptr<ir::Module> m = ir::parse(text);
    try {
      ptx_codegen::compile(*m, o, "k");
    } catch (const CompileError& e) {
      return diag_info(e.diagnostics().at(0).id).code;
    }
    return "";
  };
  ptx_codegen::Options o;
  o.compute_major = 77;
  o.compute_minor = 3;
  EXPECT_EQ(code_of(o), "C0410");
  o.compute_major = 9;
  o.compute_minor = 0;
  o.max_ptx_version = 70;
  EXPECT_EQ(code_of(o), "C0411");
  o.max_ptx_version = 83;
  EXPECT_EQ(code_of(o), "");
  o.arch_suffix = 'a';
  EXPECT_EQ(code_of(o), "");
}

TEST(Ptx, ExportsDeviceFunctions) {
  std::unique_ptr<ir::Module> m = ir::parse(
      "func @twice(%0 x: float32, %1 up: bool) -> float32 device noraise {\n  %2 = add %0, %0\n  %3 = select "
      "%1, %2, %0 : float32\n  return %3\n}\n");
  ptx_codegen::Options o;
  o.device_function = true;
  o.export_name = "twice_f";
  const std::string ptx = ptx_codegen::compile(*m, o, "twice").ptx;
  EXPECT_NE(ptx.find(".visible .func  (.param .b32 func_retval0) twice_f("), std::string::npos) << ptx;
  EXPECT_EQ(ptx.find(".entry"), std::string::npos);
}

// ---- Artifacts and the disk cache

compiler::Artifact sample() {
  compiler::Artifact a;
  a.kind = compiler::TargetKind::Sim;
  a.code = std::string(
      "\x7f"
      "ELF\0\1\2",
      7);
  a.entry = "cantil_entry_f";
  a.ret = ir::none_type();
  a.args = {ir::parse_type("float64[:, ::1]"), ir::parse_type("Tuple(int64, complex64)"),
            ir::parse_type("UniTuple(bool x 2)")};
  compiler::Site s;
  s.cls = "builtins.ValueError";
  s.args = {{ir::RaiseArg::Str, 0, 0, "text", nullptr},
            {ir::RaiseArg::Runtime, 0, 0, "", ir::i64()},
            {ir::RaiseArg::Float, 0, -0.5, "", nullptr}};
  s.frame = {"f", "/tmp/x.py", 3, 4, 5, 6, true};
  a.sites = {s};
  a.frames = {s.frame, {"g", "y.py", 1, 2, 3, 4, false}};
  a.types_text = "types";
  a.function_name = "f";
  a.uses_fibers = true;
  a.static_shared = 4096;
  a.max_registers = 32;
  return a;
}

TEST(Artifacts, SurviveTheWayThroughBytes) {
  const compiler::Artifact a = sample();
  const std::string bytes = compiler::serialise(a).value();
  const compiler::Artifact b = compiler::deserialise(bytes).value();
  EXPECT_EQ(compiler::serialise(b).value(), bytes);
  EXPECT_EQ(b.code, a.code);
  EXPECT_EQ(b.args, a.args);
  EXPECT_EQ(b.sites.at(0).args.at(1).type, ir::i64());
  EXPECT_EQ(b.frames.at(1).function, "g");
  EXPECT_EQ(b.static_shared, 4096);
}

TEST(Artifacts, EveryTruncationIsNoticed) {
  const std::string bytes = compiler::serialise(sample()).value();
  for (size_t n = 0; n < bytes.size(); ++n)
    EXPECT_FALSE(compiler::deserialise(bytes.substr(0, n)).has_value()) << n;
  EXPECT_FALSE(compiler::deserialise(bytes + "x").has_value());
}

TEST(Artifacts, ThoseThatNeedThisProcessAreNotWritten) {
  compiler::Artifact a = sample();
  a.sites[0].class_ref = 3;
  EXPECT_FALSE(compiler::serialise(a).has_value());
}

class DiskCache : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = (fs::temp_directory_path() / ("cantil_cache_test_" + std::to_string(getpid()))).string();
    fs::create_directories(folder_);
  }
  void TearDown() override {
    unsetenv("CANTIL_CACHE_DIR");
    fs::remove_all(folder_);
  }
  fs::path only_file() const {
    std::vector<fs::path> files;
    for (const auto& e : fs::directory_iterator(folder_))
      if (e.path().filename() != "CACHEDIR.TAG") files.push_back(e.path());
    EXPECT_EQ(files.size(), 1u);
    return files.at(0);
  }
  std::string folder_;
  const std::string key_ = std::string(32, 'a');
};

TEST_F(DiskCache, FindsWhatItWroteAndNothingElse) {
  EXPECT_FALSE(compiler::read_cache(folder_, "f", key_).has_value());
  compiler::write_cache(folder_, "f<locals>.g", key_, sample());
  const auto hit = compiler::read_cache(folder_, "f<locals>.g", key_);
  ASSERT_TRUE(hit.has_value());
  EXPECT_TRUE(hit->from_cache);
  EXPECT_EQ(hit->cache_key, key_);
  EXPECT_EQ(hit->entry, "cantil_entry_f");
  EXPECT_FALSE(compiler::read_cache(folder_, "f<locals>.g", std::string(32, 'b')).has_value());
  EXPECT_FALSE(compiler::read_cache(folder_, "h", key_).has_value());
}

TEST_F(DiskCache, DamagedAndForeignEntriesAreMisses) {
  compiler::write_cache(folder_, "f", key_, sample());
  const fs::path file = only_file();
  std::ifstream in(file, std::ios::binary);
  std::stringstream s;
  s << in.rdbuf();
  const std::string good = s.str();
  auto misses = [&](const std::string& bytes) {
    std::ofstream(file, std::ios::binary | std::ios::trunc) << bytes;
    return !compiler::read_cache(folder_, "f", key_).has_value();
  };
  EXPECT_TRUE(misses(""));
  EXPECT_TRUE(misses("something else entirely"));
  EXPECT_TRUE(misses(good.substr(0, good.size() / 2)));
  for (size_t i = 0; i < good.size(); i += 7) {
    std::string bad = good;
    bad[i] ^= 0x20;
    EXPECT_TRUE(misses(bad)) << "byte " << i;
  }
  std::string other_key = good;
  other_key.replace(other_key.find(key_), key_.size(), std::string(32, 'c'));
  EXPECT_TRUE(misses(other_key));
  EXPECT_FALSE(misses(good));
}

TEST_F(DiskCache, FoldersFollowTheEnvironmentAndTheSource) {
  setenv("CANTIL_CACHE_DIR", (folder_ + "/here").c_str(), 1);
  EXPECT_EQ(compiler::cache_directory("/nowhere/x.py"), folder_ + "/here");
  EXPECT_TRUE(fs::is_directory(folder_ + "/here"));
  // A file stands where the folder should be: nothing is writable there, and that is no error.
  std::ofstream(folder_ + "/file") << "x";
  setenv("CANTIL_CACHE_DIR", (folder_ + "/file").c_str(), 1);
  EXPECT_EQ(compiler::cache_directory("/nowhere/x.py"), "");
  unsetenv("CANTIL_CACHE_DIR");
  const std::string source = folder_ + "/module.py";
  std::ofstream(source) << "pass\n";
  EXPECT_EQ(compiler::cache_directory(source), folder_ + "/__pycache__");
}

TEST_F(DiskCache, WritingIntoNothingIsSilent) {
  compiler::write_cache(folder_ + "/missing", "f", key_, sample());
  EXPECT_FALSE(compiler::read_cache(folder_ + "/missing", "f", key_).has_value());
}

TEST(BuildId, IsThere) { EXPECT_EQ(compiler::build_id().size(), 20u); }

}  // namespace
}  // namespace cantil::test
