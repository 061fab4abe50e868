// tests/golden/llvm and tests/golden/ptx: IR in, LLVM IR, assembly or PTX out, checked by CHECK lines beside
// it.
//
// A file is a module in the IR's text with directives in its comments:
//   // RUN: llvm | llvm-opt | asm | ptx sm_XX     the stage to check
//   // CHECK…: lines for LLVM's FileCheck
//   // GOLDEN                                     all below this line is generated: UPDATE_GOLDEN=1 writes it
//   anew
// Every ptx file is moreover compiled for each architecture of kArchitectures and assembled by ptxas, where
// there is one.
#include <gtest/gtest.h>
#include <llvm/ADT/SmallString.h>
#include <llvm/FileCheck/FileCheck.h>
#include <llvm/Support/MemoryBuffer.h>
#include <llvm/Support/SourceMgr.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>

#include "cpu_codegen/compile.h"
#include "ir/passes/pipeline.h"
#include "ir/text.h"
#include "ir/verifier.h"
#include "ptx_codegen/compile.h"
#include "ptx_codegen/libdevice.h"

namespace cantil::test {
namespace {

namespace fs = std::filesystem;
constexpr int kArchitectures[] = {75, 80, 90, 100, 120};

std::string read(const fs::path& p) {
  std::ifstream in(p, std::ios::binary);
  std::ostringstream s;
  s << in.rdbuf();
  return s.str();
}

std::string directive(const std::string& text, const std::string& name) {
  const std::string key = "// " + name + ": ";
  const size_t at = text.find(key);
  if (at == std::string::npos) return "";
  return text.substr(at + key.size(), text.find('\n', at) - at - key.size());
}

std::unique_ptr<ir::Module> module_of(const std::string& text, ir::PipelineTarget target) {
  std::unique_ptr<ir::Module> m = ir::parse(text);
  for (const std::string& problem : ir::verify(*m)) ADD_FAILURE() << problem;
  ir::run_pipeline(*m, target, true);
  return m;
}

ptx_codegen::Options ptx_options(int arch) {
  ptx_codegen::Options o;
  o.compute_major = arch / 10;
  o.compute_minor = arch % 10;
  return o;
}

std::string output_of(const std::string& text) {
  const std::string run = directive(text, "RUN");
  if (run.rfind("ptx sm_", 0) == 0) {
    std::unique_ptr<ir::Module> m = module_of(text, ir::PipelineTarget::Ptx);
    return ptx_codegen::compile(*m, ptx_options(std::stoi(run.substr(7))), "golden").ptx;
  }
  std::unique_ptr<ir::Module> m = module_of(text, ir::PipelineTarget::Cpu);
  cpu_codegen::Options o;
  o.cpu = "x86-64-v3";  // the same on every machine
  const auto what = run == "llvm"       ? cpu_codegen::Text::Llvm
                    : run == "llvm-opt" ? cpu_codegen::Text::LlvmOptimised
                                        : cpu_codegen::Text::Asm;
  EXPECT_TRUE(run == "llvm" || run == "llvm-opt" || run == "asm") << "unknown RUN: " << run;
  return cpu_codegen::compile_to_text(*m, o, what);
}

// Lines of the output as CHECK lines, from the first function on; without the noise that no test is about.
std::string generated(const std::string& output) {
  std::string checks;
  std::istringstream in(output);
  bool started = false;
  for (std::string line; std::getline(in, line);) {
    if (line.find("define ") == 0 || line.find(".visible .entry") != std::string::npos ||
        line.find(".visible .func") != std::string::npos)
      started = true;
    if (!started || line.empty() || line.rfind("; Function Attrs", 0) == 0 ||
        line.rfind("attributes #", 0) == 0)
      continue;
    line = std::regex_replace(line, std::regex("\t"), " ");
    line = std::regex_replace(line, std::regex(" *(;|//).*$"), "");
    if (line.empty()) continue;
    line = std::regex_replace(line, std::regex("\\[\\["), "{{\\[\\[}}");
    line = std::regex_replace(line, std::regex("\\{\\{"), "{{[{][{]}}");
    checks += "// CHECK: " + line + "\n";
  }
  return checks;
}

void file_check(const std::string& text, const std::string& output, const std::string& name) {
  llvm::FileCheckRequest request;
  request.AllowEmptyInput = true;
  request.CheckPrefixes = {"CHECK"};
  request.IsDefaultCheckPrefix = true;
  llvm::FileCheck check(request);
  llvm::SourceMgr sources;
  std::string problems;
  sources.setDiagHandler(
      [](const llvm::SMDiagnostic& d, void* to) {
        llvm::raw_string_ostream out(*static_cast<std::string*>(to));
        d.print("", out, false);
      },
      &problems);
  // FileCheck canonicalises white space in place.
  llvm::SmallString<4096> check_buffer, input_buffer;
  auto check_file = llvm::MemoryBuffer::getMemBufferCopy(text, name);
  const llvm::StringRef checks = check.CanonicalizeFile(*check_file, check_buffer);
  sources.AddNewSourceBuffer(llvm::MemoryBuffer::getMemBuffer(checks, name), llvm::SMLoc());
  bool failed = check.readCheckFile(sources, checks);
  if (!failed) {
    auto input_file = llvm::MemoryBuffer::getMemBufferCopy(output, "output");
    const llvm::StringRef input = check.CanonicalizeFile(*input_file, input_buffer);
    sources.AddNewSourceBuffer(llvm::MemoryBuffer::getMemBuffer(input, "output"), llvm::SMLoc());
    failed = !check.checkInput(sources, input);
  }
  EXPECT_FALSE(failed) << problems << "\n" << output;
}

std::vector<fs::path> files(const std::string& folder) {
  std::vector<fs::path> found;
  for (const auto& entry : fs::directory_iterator(fs::path(CANTIL_SOURCE_DIR) / "tests/golden" / folder))
    if (entry.path().extension() == ".ir") found.push_back(entry.path());
  std::sort(found.begin(), found.end());
  return found;
}

std::string ptxas() {
  std::vector<fs::path> folders;
  if (const char* path = std::getenv("PATH")) {
    std::istringstream in(path);
    for (std::string part; std::getline(in, part, ':');) folders.emplace_back(part);
  }
  for (const char* home : {"CUDA_HOME", "CUDA_PATH"})
    if (const char* root = std::getenv(home)) folders.push_back(fs::path(root) / "bin");
  folders.push_back("/usr/local/cuda/bin");
  std::error_code ignored;
  for (const auto& entry :
       fs::recursive_directory_iterator(fs::path(CANTIL_SOURCE_DIR) / ".venv/lib", ignored)) {
    if (entry.path().filename() == "ptxas") folders.push_back(entry.path().parent_path());
  }
  for (const fs::path& folder : folders)
    if (fs::exists(folder / "ptxas", ignored)) return (folder / "ptxas").string();
  return "";
}

class Golden : public ::testing::TestWithParam<fs::path> {};

TEST_P(Golden, MatchesItsChecks) {
  ptx_codegen::add_libdevice_folder(std::string(CANTIL_SOURCE_DIR) + "/python/cantil/_data");
  std::string text = read(GetParam());
  const std::string output = output_of(text);
  constexpr const char* kMark = "// GOLDEN\n";
  if (const size_t at = text.find(kMark); at != std::string::npos && std::getenv("UPDATE_GOLDEN")) {
    text = text.substr(0, at) + kMark + generated(output);
    std::ofstream(GetParam(), std::ios::binary) << text;
  }
  ASSERT_NE(text.find("CHECK"), std::string::npos) << "a golden test without a check";
  file_check(text, output, GetParam().filename().string());
}

std::string test_name(const ::testing::TestParamInfo<fs::path>& info) {
  std::string name = info.param.stem().string();
  for (char& c : name)
    if (!std::isalnum(static_cast<unsigned char>(c))) c = '_';
  return name;
}

INSTANTIATE_TEST_SUITE_P(Llvm, Golden, ::testing::ValuesIn(files("llvm")), test_name);
INSTANTIATE_TEST_SUITE_P(Ptx, Golden, ::testing::ValuesIn(files("ptx")), test_name);

class Assembled : public ::testing::TestWithParam<fs::path> {};

TEST_P(Assembled, ByPtxasForEveryArchitecture) {
  ptx_codegen::add_libdevice_folder(std::string(CANTIL_SOURCE_DIR) + "/python/cantil/_data");
  const std::string tool = ptxas();
  if (tool.empty()) GTEST_SKIP() << "no ptxas: the PTX was not assembled";
  const std::string text = read(GetParam());
  for (int arch : kArchitectures) {
    std::unique_ptr<ir::Module> m = module_of(text, ir::PipelineTarget::Ptx);
    const std::string ptx = ptx_codegen::compile(*m, ptx_options(arch), "golden").ptx;
    const fs::path base = fs::temp_directory_path() / ("cantil_golden_" + std::to_string(getpid()));
    const std::string in = base.string() + ".ptx", log = base.string() + ".log";
    std::ofstream(in) << ptx;
    const std::string command =
        tool + " -arch=sm_" + std::to_string(arch) + " " + in + " -o /dev/null > " + log + " 2>&1";
    EXPECT_EQ(std::system(command.c_str()), 0) << "sm_" << arch << "\n" << read(log) << ptx;
    fs::remove(in);
    fs::remove(log);
  }
}

INSTANTIATE_TEST_SUITE_P(Ptx, Assembled, ::testing::ValuesIn(files("ptx")), test_name);

}  // namespace
}  // namespace cantil::test
