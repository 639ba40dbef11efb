/* A real token with faults laid over it: loads the module named by FAULTY_MODULE, hands out its functions, and replaces
 * the few that FAULT names. SoftHSM never locks, hangs or is pulled out; users' tokens do. C, because a PKCS#11 module
 * is C, and because the workspace has no unsafe code. */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef unsigned long word;
typedef word (*function)();
/* CK_FUNCTION_LIST, PKCS#11 2.40: a version and 68 functions. */
struct list { unsigned char version[2]; function functions[68]; };
enum { GET_SLOT_LIST = 4, GET_TOKEN_INFO = 6, LOGIN = 18, SIGN_INIT = 42, SIGN = 43 };
enum { FLAGS_AT = 96 }; /* label 32, manufacturer 32, model 16, serial 16 */
enum {
    PROTECTED_PATH = 0x100, COUNT_LOW = 0x10000, FINAL_TRY = 0x20000, LOCKED = 0x40000,
    FUNCTION_FAILED = 0x06, DEVICE_ERROR = 0x30, FUNCTION_CANCELED = 0x50, MECHANISM_INVALID = 0x70,
    PIN_INCORRECT = 0xa0, PIN_LOCKED = 0xa4, TOKEN_NOT_PRESENT = 0xe0, SHA256_RSA_PKCS = 0x40
};

static struct list real, faulty;
static int tried;   /* C_Login was called */
static int removed; /* the token is gone */

static int is(const char *fault) { const char *set = getenv("FAULT"); return set && !strcmp(set, fault); }

static word get_slot_list(unsigned char present, word *slots, word *count) {
    if (is("prints")) { puts("vendor: 1 reader found"); fflush(stdout); }
    return real.functions[GET_SLOT_LIST](present, slots, count);
}

static word get_token_info(word slot, char *info) {
    if (removed) return TOKEN_NOT_PRESENT;
    word code = real.functions[GET_TOKEN_INFO](slot, info), flags = 0;
    if (is("final-try") && tried) flags = COUNT_LOW | FINAL_TRY;
    if (is("locks") && tried) flags = LOCKED;
    if (is("locked")) flags = LOCKED;
    if (is("pin-pad") || is("cancelled")) flags = PROTECTED_PATH;
    word now;
    memcpy(&now, info + FLAGS_AT, sizeof now);
    now |= flags;
    memcpy(info + FLAGS_AT, &now, sizeof now);
    return code;
}

static word login(word session, word user, char *pin, word length) {
    const char *log = getenv("FAULT_LOG");
    FILE *file = log ? fopen(log, "a") : NULL;
    if (file) { fputs("C_Login\n", file); fclose(file); }
    tried = 1;
    if (is("final-try") || is("locks")) return PIN_INCORRECT;
    if (is("login-locked")) return PIN_LOCKED;
    if (is("login-fails")) return FUNCTION_FAILED;
    if (is("login-crashes")) *(volatile char *)0 = 1;
    if (is("cancelled")) return FUNCTION_CANCELED;
    if (is("pin-pad")) {
        /* The user types at the device: the caller must have sent nothing. */
        if (pin) return PIN_INCORRECT;
        char *typed = getenv("FAULT_TYPED");
        return real.functions[LOGIN](session, user, typed, strlen(typed));
    }
    return real.functions[LOGIN](session, user, pin, length);
}

static word sign_init(word session, word *mechanism, word key) {
    if (is("raw-rsa") && *mechanism == SHA256_RSA_PKCS) return MECHANISM_INVALID;
    if (is("pulled-out")) { removed = 1; return DEVICE_ERROR; }
    if (is("sign-fails")) return FUNCTION_FAILED;
    return real.functions[SIGN_INIT](session, mechanism, key);
}

static word sign(word session, char *data, word length, char *signature, word *size) {
    while (is("hangs")) pause();
    return real.functions[SIGN](session, data, length, signature, size);
}

#ifndef NOT_PKCS11
word C_GetFunctionList(struct list **list) {
    void *module = dlopen(getenv("FAULTY_MODULE"), RTLD_NOW);
    function get = module ? (function)dlsym(module, "C_GetFunctionList") : NULL;
    struct list *found;
    if (!get || get(&found)) return FUNCTION_FAILED;
    real = faulty = *found;
    faulty.functions[GET_SLOT_LIST] = (function)get_slot_list;
    faulty.functions[GET_TOKEN_INFO] = (function)get_token_info;
    faulty.functions[LOGIN] = (function)login;
    faulty.functions[SIGN_INIT] = (function)sign_init;
    faulty.functions[SIGN] = (function)sign;
    *list = &faulty;
    return 0;
}
#endif
