# oki_room(name [ROOMS lower rooms...] [LIBS third-party libraries...] [TEST_ROOMS lower rooms...])
#
# src/<name>/*.cc becomes the library oki_<name>, src/<name>/*_test.cc the test program <name>_test,
# and each src/<name>/*_fuzz.cc one libFuzzer target when OKI_FUZZ is on. A room links only what is
# named here, so that the levels of docs/levels.txt hold in the linker too. Third-party libraries
# are private: their headers stay inside .cc files. src/<name>/testing/ holds doubles for tests and
# the simulator; it becomes oki_<name>_testing. Every test links the room's own and base's doubles, and
# the TEST_ROOMS, which nothing but the tests may include.
function(oki_room name)
  cmake_parse_arguments(ROOM "" "" "ROOMS;LIBS;TEST_ROOMS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${name}/*.cc)
  file(GLOB tests CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${name}/*_test.cc
       ${CMAKE_SOURCE_DIR}/src/${name}/testing/*_test.cc)
  file(GLOB doubles CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${name}/testing/*.cc)
  file(GLOB fuzzers CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${name}/*_fuzz.cc)
  if(tests OR fuzzers)
    list(REMOVE_ITEM sources ${tests} ${fuzzers})
    list(REMOVE_ITEM doubles ${tests})
  endif()
  add_library(oki_${name} STATIC ${sources})
  target_include_directories(oki_${name} PUBLIC ${CMAKE_SOURCE_DIR}/src)
  list(TRANSFORM ROOM_ROOMS PREPEND oki_)
  list(TRANSFORM ROOM_TEST_ROOMS PREPEND oki_)
  target_link_libraries(oki_${name} PUBLIC ${ROOM_ROOMS} PRIVATE ${ROOM_LIBS})
  if(doubles)
    add_library(oki_${name}_testing STATIC ${doubles})
    target_link_libraries(oki_${name}_testing PUBLIC oki_${name})
  endif()
  if(tests)
    add_executable(${name}_test ${tests})
    target_link_libraries(${name}_test PRIVATE oki_${name} ${ROOM_TEST_ROOMS} ${ROOM_LIBS}
                          GTest::gmock GTest::gtest_main oki_base_testing)
    if(doubles)
      target_link_libraries(${name}_test PRIVATE oki_${name}_testing)
    endif()
    gtest_discover_tests(${name}_test TEST_PREFIX ${name}. DISCOVERY_MODE PRE_TEST
                         WORKING_DIRECTORY ${CMAKE_SOURCE_DIR} PROPERTIES TIMEOUT 300)
  endif()
  if(OKI_FUZZ)
    foreach(fuzzer ${fuzzers})
      get_filename_component(target ${fuzzer} NAME_WE)
      add_executable(${target} ${fuzzer})
      target_link_options(${target} PRIVATE -fsanitize=fuzzer)
      target_link_libraries(${target} PRIVATE oki_${name} oki_base_testing)
      if(doubles)
        target_link_libraries(${target} PRIVATE oki_${name}_testing)
      endif()
      add_dependencies(fuzzers ${target})
    endforeach()
  endif()
endfunction()

# oki_sources_with(out text files...): those of the files that contain the text.
function(oki_sources_with out text)
  set(found)
  foreach(file ${ARGN})
    file(READ ${file} content)
    string(FIND "${content}" "${text}" at)
    if(NOT at EQUAL -1)
      list(APPEND found ${file})
    endif()
  endforeach()
  set(${out} ${found} PARENT_SCOPE)
endfunction()

# oki_compile_tests_fast(): the sources of tests are a third of all that is compiled and take no time
# worth mentioning when they run, so a release build does not optimise them. What they test it does.
function(oki_compile_tests_fast directory)
  get_property(folders DIRECTORY ${directory} PROPERTY SUBDIRECTORIES)
  foreach(folder ${folders})
    oki_compile_tests_fast(${folder})
  endforeach()
  get_property(targets DIRECTORY ${directory} PROPERTY BUILDSYSTEM_TARGETS)
  foreach(target ${targets})
    get_target_property(sources ${target} SOURCES)
    list(FILTER sources INCLUDE REGEX "_test\\.cc$")
    if(sources)
      set_property(SOURCE ${sources} TARGET_DIRECTORY ${target} APPEND PROPERTY COMPILE_OPTIONS
                   "$<$<CONFIG:RelWithDebInfo>:-O0;-U_FORTIFY_SOURCE>")
    endif()
  endforeach()
endfunction()
