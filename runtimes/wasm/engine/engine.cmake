# SPDX-License-Identifier: Apache-2.0
# The two libraries as targets, wasm_engine_compiler and wasm_engine_host. Whoever needs one includes this file and asks
# whether the target is there: without cargo neither is, the programs that need them are not built, and the node does
# not offer Wasm. Building them takes minutes, once a machine (see build).
include_guard(GLOBAL)

set(engine_folder ${CMAKE_CURRENT_LIST_DIR})
execute_process(COMMAND ${engine_folder}/build check
  RESULT_VARIABLE engine_refused OUTPUT_VARIABLE engine_words OUTPUT_STRIP_TRAILING_WHITESPACE)
if(NOT engine_refused EQUAL 0)
  message(STATUS "${engine_words}")
  return()
endif()

foreach(name compiler host)
  set(out ${CMAKE_BINARY_DIR}/wasm-engine/${name})
  set(library ${out}/liboarsman_wasm_${name}.a)
  file(GLOB_RECURSE engine_sources CONFIGURE_DEPENDS ${engine_folder}/${name}/*)
  list(FILTER engine_sources EXCLUDE REGEX "\\.md$")
  add_custom_command(OUTPUT ${library}
    COMMAND ${engine_folder}/build ${name} ${out}
    DEPENDS ${engine_folder}/build ${engine_folder}/Cargo.toml ${engine_folder}/Cargo.lock ${engine_sources}
    COMMENT "Wasm engine: ${name} (minutes, once a machine)" USES_TERMINAL VERBATIM)
  add_custom_target(wasm_engine_${name}_made DEPENDS ${library})

  file(MAKE_DIRECTORY ${out}/include)
  add_library(wasm_engine_${name} STATIC IMPORTED GLOBAL)
  set_target_properties(wasm_engine_${name} PROPERTIES
    IMPORTED_LOCATION ${library}
    INTERFACE_INCLUDE_DIRECTORIES ${out}/include
    INTERFACE_LINK_LIBRARIES "Threads::Threads;m;dl")
  add_dependencies(wasm_engine_${name} wasm_engine_${name}_made)
endforeach()

# One configuration for what compiles and what runs. It is compiled into each program with the headers of that
# program's library.
add_library(wasm_engine_config INTERFACE)
target_sources(wasm_engine_config INTERFACE ${engine_folder}/config/engine_config.c)
target_include_directories(wasm_engine_config INTERFACE ${engine_folder}/config ${engine_folder}/../include)
