# LLVM 22, linked statically: only the libraries that the two back ends need.
if(NOT CANTIL_COMPILER)
  return()
endif()

enable_language(C)  # LLVM's own package files ask for it
find_package(LLVM 22.1 CONFIG REQUIRED)

# Named one by one: the group `nvptx` would pull in the assembly parsers and, through them, most of LLVM.
set(CANTIL_LLVM_COMPONENTS
    core support bitreader bitwriter irreader linker passes analysis target targetparser transformutils
    orcjit orctargetprocess jitlink executionengine runtimedyld
    x86codegen x86asmparser x86desc x86info
    nvptxcodegen nvptxdesc nvptxinfo)
llvm_map_components_to_libnames(_llvm_libraries ${CANTIL_LLVM_COMPONENTS})

# Wheels may not depend on libzstd (manylinux does not have it) nor on Z3 and libxml2 (nothing that we link calls
# them), so LLVM's own dependencies are named here instead of taken from its package.
set_target_properties(LLVMSupport PROPERTIES INTERFACE_LINK_LIBRARIES "LLVMDemangle")
find_library(CANTIL_ZSTD NAMES libzstd.a zstd REQUIRED)
find_package(ZLIB REQUIRED)

add_library(cantil_llvm INTERFACE)
target_link_libraries(cantil_llvm INTERFACE ${_llvm_libraries} ZLIB::ZLIB ${CANTIL_ZSTD} rt dl m)

# libLLVMFileCheck, for the golden tests.
llvm_map_components_to_libnames(_filecheck_libraries filecheck)
add_library(cantil_llvm_filecheck INTERFACE)
target_link_libraries(cantil_llvm_filecheck INTERFACE ${_filecheck_libraries} cantil_llvm)

# One precompiled header for all folders that see LLVM.
file(WRITE "${CMAKE_BINARY_DIR}/llvm_pch.cpp.new" "// Only carries the precompiled header codegen/llvm_pch.h.\n")
file(COPY_FILE "${CMAKE_BINARY_DIR}/llvm_pch.cpp.new" "${CMAKE_BINARY_DIR}/llvm_pch.cpp" ONLY_IF_DIFFERENT)
add_library(cantil_llvm_pch STATIC "${CMAKE_BINARY_DIR}/llvm_pch.cpp")
target_include_directories(cantil_llvm_pch SYSTEM PRIVATE ${LLVM_INCLUDE_DIRS})
target_precompile_headers(cantil_llvm_pch PRIVATE <codegen/llvm_pch.h>)
cantil_pch_checksum("${CMAKE_BINARY_DIR}/CMakeFiles/cantil_llvm_pch.dir" "${CMAKE_SOURCE_DIR}/codegen/llvm_pch.h"
                    "LLVM ${LLVM_PACKAGE_VERSION}")

function(cantil_use_llvm target)
  target_include_directories(${target} SYSTEM PRIVATE ${LLVM_INCLUDE_DIRS})
  target_precompile_headers(${target} REUSE_FROM cantil_llvm_pch)
  target_link_libraries(${target} PUBLIC cantil_llvm)
endfunction()
