// Finding CUDA's parts; NVRTC and nvJitLink where this machine has them.
#include "host_api/toolkit.h"

#include <gmock/gmock.h>
#include <stdlib.h>

#include <fstream>

#include "host_api/linker.h"
#include "host_api/nvrtc.h"

namespace cantil::host_api {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class ToolkitTest : public ::testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/cantil_toolkit_XXXXXX";
    folder_ = mkdtemp(name);
  }
  void TearDown() override { fs::remove_all(folder_); }

  fs::path touch(const fs::path& path, bool executable = false) {
    const fs::path file = folder_ / path;
    fs::create_directories(file.parent_path());
    std::ofstream(file) << "x";
    if (executable) {
      fs::permissions(file, fs::perms::owner_all);
    }
    return file;
  }

  fs::path folder_;
};

TEST_F(ToolkitTest, PythonPackages) {
  const fs::path libdevice = touch("cuda_nvcc/nvvm/libdevice/libdevice.10.bc");
  touch("cuda_nvrtc/lib/libnvrtc.so.12");
  const fs::path newest = touch("cuda_nvrtc/lib/libnvrtc.so.13");
  touch("cuda_nvrtc/lib/libnvrtc-builtins.so.14");
  const fs::path ptxas = touch("cuda_nvcc/bin/ptxas", true);
  touch("cuda_nvcc/bin/nvdisasm_not_executable");
  const fs::path header = touch("cuda_cccl/include/cub/cub.cuh");
  const Toolkit toolkit({folder_});
  EXPECT_EQ(toolkit.libdevice(), libdevice);
  EXPECT_EQ(toolkit.library("nvrtc"), newest);
  EXPECT_EQ(toolkit.binary("ptxas"), ptxas);
  EXPECT_EQ(toolkit.binary("nvdisasm_not_executable"), std::nullopt);
  EXPECT_EQ(toolkit.include_folder("cub/cub.cuh"), header.parent_path().parent_path());
  EXPECT_EQ(toolkit.library("surely_absent"), std::nullopt);
  EXPECT_THAT(toolkit.describe_search(), HasSubstr(folder_.string()));
}

TEST_F(ToolkitTest, TheCallersFoldersComeBeforeCudaHome) {
  const fs::path mine = touch("mine/nvvm/libdevice/libdevice.10.bc");
  const fs::path home = touch("home/nvvm/libdevice/libdevice.10.bc");
  const char* const before = getenv("CUDA_HOME");
  const std::string saved = before != nullptr ? before : "";
  setenv("CUDA_HOME", (folder_ / "home").c_str(), 1);
  EXPECT_EQ(Toolkit({folder_ / "mine"}).libdevice(), mine);
  EXPECT_EQ(Toolkit().libdevice(), home);
  if (before != nullptr) {
    setenv("CUDA_HOME", saved.c_str(), 1);
  } else {
    unsetenv("CUDA_HOME");
  }
}

TEST_F(ToolkitTest, LibraryThatIsNone) {
  touch("lib/libnvrtc.so.12");
  touch("lib/libnvJitLink.so.12");
  EXPECT_THROW(Nvrtc{Toolkit({folder_})}, LibraryError);
  EXPECT_THROW(NvJitLink{Toolkit({folder_})}, LibraryError);
}

constexpr char kSource[] = "extern \"C\" __global__ void twice(float* x) { x[threadIdx.x] *= 2; }\n";

TEST(NvrtcTest, CompilesAndComplains) {
  const Toolkit toolkit;
  if (!toolkit.library("nvrtc")) {
    GTEST_SKIP() << "NVRTC is not on this machine: compiling CUDA C++ is not tested";
  }
  const Nvrtc nvrtc(toolkit);
  EXPECT_GE(nvrtc.version().major, 11);
  EXPECT_THAT(nvrtc.architectures(), ::testing::Contains(80));
  const NvrtcResult ptx = nvrtc.compile({.source = kSource, .options = {"--gpu-architecture=compute_80"}});
  EXPECT_THAT(ptx.code, HasSubstr(".visible .entry twice"));
  EXPECT_NE(ptx.code.back(), '\0');
  const NvrtcResult templated =
      nvrtc.compile({.source = "#include \"mine.h\"\n",
                     .options = {"--gpu-architecture=sm_80"},
                     .headers = {{"mine.h", "template <class T> __global__ void f(T* x) { *x = T(); }"}},
                     .expressions = {"f<int>"},
                     .output = NvrtcOutput::kCubin});
  EXPECT_TRUE(
      templated.code.starts_with("\x7f"
                                 "ELF"));
  EXPECT_EQ(templated.lowered_names, (std::vector<std::string>{"_Z1fIiEvPT_"}));
  try {
    nvrtc.compile({.source = "__global__ void f() { wrong; }", .name = "mine.cu"});
    FAIL() << "was compiled";
  } catch (const LibraryError& error) {
    EXPECT_THAT(error.what(), HasSubstr("could not compile mine.cu"));
    EXPECT_THAT(error.log(), HasSubstr("\"wrong\" is undefined"));
  }
}

TEST(NvJitLinkTest, LinksLtoIrAcrossParts) {
#ifdef __SANITIZE_ADDRESS__
  GTEST_SKIP() << "once nvJitLink is loaded, LeakSanitizer crashes at the end of the process";
#endif
  const Toolkit toolkit;
  if (!toolkit.library("nvrtc") || !toolkit.library("nvJitLink")) {
    GTEST_SKIP() << "NVRTC or nvJitLink is not on this machine: linking LTO-IR is not tested";
  }
  const Nvrtc nvrtc(toolkit);
  const NvJitLink linker(toolkit);
  const auto lto = [&](const char* source) {
    return nvrtc
        .compile({.source = source,
                  .options = {"--gpu-architecture=compute_80", "--relocatable-device-code=true"},
                  .output = NvrtcOutput::kLtoIr})
        .code;
  };
  const std::vector<LinkPart> parts{
      {LinkInput::kLtoIr, lto("__device__ float half_of(float x) { return x / 2; }"), "half"},
      {LinkInput::kLtoIr,
       lto("extern __device__ float half_of(float); extern \"C\" __global__ void k(float* x) { *x = "
           "half_of(*x); }"),
       "kernel"}};
  const LinkResult linked = linker.link(parts, {"-arch=sm_80", "-lto"});
  EXPECT_TRUE(
      linked.cubin.starts_with("\x7f"
                               "ELF"));
  const std::string ptx = linker.link_to_ptx(parts, {"-arch=sm_80", "-lto", "-ptx"});
  EXPECT_THAT(ptx, HasSubstr(".entry k"));
  EXPECT_THAT(ptx, ::testing::Not(HasSubstr("call.uni")));
  EXPECT_THROW(linker.link({parts[1]}, {"-arch=sm_80", "-lto"}), LibraryError);
  EXPECT_THROW(linker.link(parts, {"-no-such-option"}), LibraryError);
}

}  // namespace
}  // namespace cantil::host_api
