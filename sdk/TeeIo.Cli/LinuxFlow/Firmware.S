# The firmware of the guest that `teeio flow --kernel linux` runs: it comes up in real mode in the last page below 4 GiB, switches to 32-bit protected mode, shares one page with its VMM and takes the
# steps that it finds there. Numbers as in doorbell.abi.yaml. Firmware.cs holds the assembled bytes; a test assembles this file again and compares.
    .set BASE, 0xFFFFF000
    .set PAGE, 0x1000
    .set REGISTERS, PAGE + 64
    .set DATA, PAGE + 192
    .code16
start:
    cli
    lgdtl %cs:(gdtr - start + 0xF000)
    movl %cr0, %eax
    orl $1, %eax
    movl %eax, %cr0
    ljmpl $8, $(BASE + (protected - start))
    .code32
protected:
    movw $16, %ax
    movw %ax, %ds
    movw %ax, %es
    movw %ax, %ss
    movl $12, %eax              # KVM_HC_MAP_GPA_RANGE: one page of 4 KiB, shared
    movl $PAGE, %ebx
    movl $1, %ecx
    xorl %edx, %edx
    vmmcall
next:
    outb %al, $0x70
    movl PAGE, %eax
    movl PAGE + 4, %ecx
    cmpl $1, %eax
    je read
    cmpl $2, %eax
    je write
    cmpl $3, %eax
    je call
    cmpl $4, %eax
    je hypercall
    cmpl $5, %eax
    jne next
    lidt BASE + (nothing - start)   # no handlers: the interrupt is the processor's last
    int3
read:
    movl PAGE + 8, %esi
    movl $DATA, %edi
    jmp move
write:
    movl $DATA, %esi
    movl PAGE + 8, %edi
move:
    cld
    testl $3, %ecx
    jz words
    cmpl $2, %ecx
    je half
    rep movsb
    jmp next
half:
    movsw
    jmp next
words:
    shrl $2, %ecx
    rep movsl
    jmp next
call:
    outb %al, $0x72
    jmp next
hypercall:
    movl DATA, %eax
    movl DATA + 4, %ebx
    movl DATA + 8, %ecx
    movl DATA + 12, %edx
    vmmcall
    movl %eax, DATA
    jmp next
    .balign 8, 0
gdt:
    .quad 0
    .quad 0x00CF9B000000FFFF    # code, 4 GiB; accessed already, since this is read-only
    .quad 0x00CF93000000FFFF    # data, 4 GiB
gdtr:
    .word 23
    .long BASE + (gdt - start)
nothing:
    .word 0
    .long 0
    .org 0xFF0
    .code16
    jmp start
    .org 0x1000
