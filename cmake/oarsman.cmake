# SPDX-License-Identifier: Apache-2.0
# How every target of the tree is built: language level, warnings, sanitizers, and the three kinds of target.
include_guard()
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE RelWithDebInfo CACHE STRING "" FORCE)
endif()
# Assertions stay: they stand for bugs alone, and a bug found by a crash costs a restart.
set(CMAKE_C_FLAGS_RELWITHDEBINFO "-O2 -g")
set(CMAKE_C_STANDARD 17)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

add_library(oarsman_flags INTERFACE)
target_compile_definitions(oarsman_flags INTERFACE _GNU_SOURCE _FILE_OFFSET_BITS=64
  OARSMAN_VERSION="${PROJECT_VERSION}" $<$<BOOL:${OARSMAN_CRASH_POINTS}>:OARSMAN_CRASH_POINTS>)
target_compile_options(oarsman_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion -Wstrict-prototypes -Wmissing-prototypes
  -Wvla -Wwrite-strings -Wundef -Wformat=2 -Wno-format-nonliteral -Wimplicit-fallthrough
  -fno-strict-aliasing -fno-common -fstack-protector-strong -ffunction-sections -fdata-sections
  $<$<BOOL:${OARSMAN_WERROR}>:-Werror>)
target_link_options(oarsman_flags INTERFACE -Wl,--gc-sections -Wl,-z,relro,-z,now)
if(OARSMAN_SANITIZE STREQUAL "address")
  target_compile_options(oarsman_flags INTERFACE -fsanitize=address,undefined -fno-omit-frame-pointer -fno-sanitize-recover=undefined)
  target_link_options(oarsman_flags INTERFACE -fsanitize=address,undefined)
elseif(OARSMAN_SANITIZE STREQUAL "thread")
  target_compile_options(oarsman_flags INTERFACE -fsanitize=thread -fno-omit-frame-pointer)
  target_link_options(oarsman_flags INTERFACE -fsanitize=thread)
endif()
if(OARSMAN_COVERAGE)
  target_compile_options(oarsman_flags INTERFACE --coverage)
  target_link_options(oarsman_flags INTERFACE --coverage)
endif()
if(OARSMAN_FUZZ)
  target_compile_options(oarsman_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()

# Components and programs (not tests) see base/banned.h before their first line.
set(oarsman_banned "SHELL:-include ${CMAKE_CURRENT_LIST_DIR}/../base/include/base/banned.h")

# oarsman_component(NAME SOURCES … PUBLIC_INCLUDE dir LINK …)
# A component exports PUBLIC_INCLUDE alone: a target sees only the headers of what it links, so an include that
# points the wrong way does not compile. Private headers lie beside their sources.
function(oarsman_component name)
  cmake_parse_arguments(A "" "PUBLIC_INCLUDE" "SOURCES;LINK;LINK_PRIVATE" ${ARGN})
  add_library(${name} STATIC ${A_SOURCES})
  if(A_PUBLIC_INCLUDE)
    target_include_directories(${name} PUBLIC ${A_PUBLIC_INCLUDE})
  endif()
  target_include_directories(${name} PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
  target_compile_options(${name} PRIVATE ${oarsman_banned})
  target_link_libraries(${name} PUBLIC ${A_LINK} PRIVATE oarsman_flags ${A_LINK_PRIVATE})
endfunction()

# oarsman_program(NAME SOURCES … LINK …)
function(oarsman_program name)
  cmake_parse_arguments(A "" "" "SOURCES;LINK" ${ARGN})
  add_executable(${name} ${A_SOURCES})
  target_include_directories(${name} PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
  target_compile_options(${name} PRIVATE ${oarsman_banned})
  target_link_libraries(${name} PRIVATE ${A_LINK} oarsman_flags)
endfunction()

# oarsman_unit_test(test_<stem> LINK … [INCLUDE private-dir …] [SOURCES extra …]): one cmocka program from
# test_<stem>.c, named for the source file it tests. No root, no network.
function(oarsman_unit_test name)
  cmake_parse_arguments(A "" "" "SOURCES;LINK;INCLUDE" ${ARGN})
  pkg_check_modules(CMOCKA REQUIRED IMPORTED_TARGET cmocka)
  set(target ${name})
  if(TARGET ${name}) # two components may have a file of the same stem
    get_filename_component(folder ${CMAKE_CURRENT_SOURCE_DIR} NAME)
    set(target ${name}_${folder})
  endif()
  add_executable(${target} ${name}.c ${A_SOURCES})
  target_include_directories(${target} PRIVATE ${CMAKE_CURRENT_SOURCE_DIR} ${A_INCLUDE})
  target_link_libraries(${target} PRIVATE ${A_LINK} PkgConfig::CMOCKA oarsman_flags)
  set_target_properties(${target} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  add_test(NAME ${target} COMMAND ${target} WORKING_DIRECTORY ${PROJECT_SOURCE_DIR}/tests)
  set_tests_properties(${target} PROPERTIES LABELS unit TIMEOUT 60)
endfunction()

# oarsman_fuzzer(fuzz_<parser> LINK …): libFuzzer program; without OARSMAN_FUZZ nothing is built.
# Seeds: tests/fuzz/corpus/<parser>/
function(oarsman_fuzzer name)
  if(NOT OARSMAN_FUZZ)
    return()
  endif()
  cmake_parse_arguments(A "" "" "SOURCES;LINK;INCLUDE" ${ARGN})
  add_executable(${name} ${name}.c ${A_SOURCES})
  target_include_directories(${name} PRIVATE ${A_INCLUDE})
  target_link_libraries(${name} PRIVATE ${A_LINK} oarsman_flags)
  target_link_options(${name} PRIVATE -fsanitize=fuzzer)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/fuzz)
endfunction()
