# Compiler, linker and cache settings that hold for every target.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Build type" FORCE)
endif()
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -g0 -DNDEBUG")

add_compile_options(-Wall -Wextra -Werror -ffunction-sections -fdata-sections)
add_compile_definitions(CANTIL_CHECKS=$<BOOL:${CANTIL_CHECKS}>)
if(CANTIL_CHECKS)
  add_compile_definitions(_GLIBCXX_ASSERTIONS)
endif()
include_directories("${CMAKE_SOURCE_DIR}")  # includes are written from the repository root

if(CANTIL_SANITIZE)
  add_compile_options(-fsanitize=${CANTIL_SANITIZE} -fno-omit-frame-pointer -g1)
  add_link_options(-fsanitize=${CANTIL_SANITIZE})
endif()

find_program(CANTIL_CCACHE ccache)
if(CANTIL_CCACHE)
  # base_dir and nohashdir let several checkouts share one cache; the sloppiness is what ccache asks for with
  # precompiled headers, whose identity is a checksum of our own (cantil_pch_checksum): their bytes differ from
  # folder to folder.
  set(CMAKE_CXX_COMPILER_LAUNCHER
      ${CMAKE_COMMAND} -E env "CCACHE_BASEDIR=${CMAKE_SOURCE_DIR}" CCACHE_NOHASHDIR=1 CCACHE_PCH_EXTSUM=1
      CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime ${CANTIL_CCACHE})
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    add_compile_options(-fpch-preprocess)
  endif()
endif()

# cantil_pch_checksum(folder header text): writes what ccache takes for the identity of the precompiled `header` of the
# target whose object folder is `folder`. `text` names the versions of what the header includes.
function(cantil_pch_checksum folder header text)
  set_property(DIRECTORY "${CMAKE_SOURCE_DIR}" APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${header}")
  file(SHA256 "${header}" content)
  string(SHA256 checksum "${content} ${text} ${CMAKE_CXX_COMPILER_VERSION} ${CMAKE_CXX_FLAGS} ${CANTIL_SANITIZE} ${CANTIL_CHECKS}")
  file(WRITE "${folder}/cmake_pch.hxx.gch.sum" "${checksum}")
endfunction()

find_program(CANTIL_MOLD mold)
if(CANTIL_MOLD)
  add_link_options(-fuse-ld=mold)
endif()
# The build id names this build in the keys of the disk cache.
add_link_options(-Wl,--gc-sections -Wl,--as-needed -Wl,-O1 -Wl,--build-id=sha1)

# Relative relocations in packed form make the extension smaller and quicker to load. Old mold writes them without
# the version note that glibc insists on, hence a test that runs.
include(CheckCXXSourceRuns)
set(CMAKE_REQUIRED_LINK_OPTIONS -Wl,-z,pack-relative-relocs)
if(CANTIL_MOLD)
  list(APPEND CMAKE_REQUIRED_LINK_OPTIONS -fuse-ld=mold)
endif()
check_cxx_source_runs("static int value; int* pointers[4] = {&value, &value, &value, &value};
                       int main(int count, char**) { return *pointers[count]; }" CANTIL_PACKED_RELOCATIONS)
if(CANTIL_PACKED_RELOCATIONS)
  add_link_options(-Wl,-z,pack-relative-relocs)
endif()
unset(CMAKE_REQUIRED_LINK_OPTIONS)
