# cantil_add_folder(name [LLVM] [DEPS target…]): the folder at hand as the static library cantil_<name>.

# Sources are every .cpp below the folder. A folder without sources is an interface library, so that the others
# can already name it. LLVM gives the folder LLVM's headers (never passed on) and the shared precompiled header.
function(cantil_add_folder name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "LLVM" "" "DEPS")
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/*.cpp")
  set(target "cantil_${name}")
  if(arg_LLVM AND NOT CANTIL_COMPILER)
    set(sources "")
  endif()
  if(NOT sources)
    add_library(${target} INTERFACE)
    target_link_libraries(${target} INTERFACE ${arg_DEPS})
    return()
  endif()
  add_library(${target} STATIC ${sources})
  target_link_libraries(${target} PUBLIC ${arg_DEPS})
  if(arg_LLVM)
    cantil_use_llvm(${target})
  endif()
endfunction()

# A dependency on something outside the repository (TBB, boost_context, dl); it works for a folder without
# sources too.
function(cantil_link_external name)
  get_target_property(type cantil_${name} TYPE)
  if(type STREQUAL "INTERFACE_LIBRARY")
    target_link_libraries(cantil_${name} INTERFACE ${ARGN})
  else()
    target_link_libraries(cantil_${name} PUBLIC ${ARGN})
  endif()
endfunction()
