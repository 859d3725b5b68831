using TeeIo.Tdx.Seamcall;

namespace TeeIo.Tdx.Tests;

public sealed class SeamcallVectorTests
{
    private static readonly TdrId _td = new(0x1000);
    private static readonly SpdmId _session = new(0x51);
    private static readonly StreamId _stream = new(0x52);

    /// <summary>Each call with a number, by its rax.</summary>
    public static TheoryData<string, string> Vectors => new()
    {
        { "MemPageAdd", "rax=2 rcx=7000 rdx=1000 r8=8000 r9=9000" },
        { "MemPageAug", "rax=6 rcx=7001 rdx=1000 r8=8000" },
        { "MemRangeBlock", "rax=7 rcx=7000 rdx=1000" },
        { "MngCreate", "rax=9 rcx=8000 rdx=21" },
        { "MngKeyConfig", "rax=8 rcx=1000" },
        { "VpCreate", "rax=a rcx=2000 rdx=1000" },
        { "MrFinalize", "rax=11 rcx=1000" },
        { "VpFlush", "rax=12 rcx=2000" },
        { "MngVpflushdone", "rax=13 rcx=1000" },
        { "MngKeyFreeid", "rax=14 rcx=1000" },
        { "MngInit", "rax=15 rcx=1000 rdx=8000" },
        { "PhymemPageReclaim", "rax=1c rcx=8000" },
        { "MemPageRemove", "rax=1d rcx=7000 rdx=1000" },
        { "SysRd", "rax=22 rdx=a00000300000008" },
        { "MemTrack", "rax=26 rcx=1000" },
        { "PhymemCacheWb", "rax=28 rcx=1" },
        { "PhymemPageWbinvd", "rax=29 rcx=8000" },
        { "VpInit", "rax=10016 rcx=2000 rdx=5 r8=3" }, // version 1 in bits 23 to 16
        { "SysConfig", "rax=1002d rcx=8000 rdx=4 r8=21 r9=40 r11=99" },
        { "IommuSetup", "rax=80 rcx=8000 rdx=9000" },
        { "IommuClear", "rax=81 rcx=53 rdx=9000" },
        { "SpdmCreate", "rax=82 rcx=108 rdx=9000" },
        { "SpdmDelete", "rax=83 rcx=51 rdx=9000" },
        { "IdeStreamCreate", "rax=84 rcx=108 rdx=51 r8=9000 r9=1 r10=2 r11=3 r12=4 r13=5 r14=6" },
        { "IdeStreamBlock", "rax=85 rcx=51 rdx=52" },
        { "IdeStreamDelete", "rax=86 rcx=51 rdx=52 r8=9000" },
        { "IdeStreamKm", "rax=87 rcx=51 rdx=52 r8=1 r9=a000 r10=b000" },
        { "SpdmConnect", "rax=8e rcx=51 rdx=9000 r8=a000 r9=b000 r10=c000" },
        { "SpdmDisconnect", "rax=8f rcx=51 rdx=a000 r8=b000" },
        { "SpdmMng", "rax=90 rcx=51 rdx=1 r8=9000 r9=a000 r10=b000 r11=c000" },
    };

    [Theory]
    [MemberData(nameof(Vectors))]
    public void A_call_puts_its_operands_into_their_registers(string call, string expected)
    {
        RecordingCpu cpu = new();
        Make(new SeamcallClient(cpu), call);
        Assert.Equal(expected, cpu.Seen);
    }

    [Fact]
    public void A_call_without_a_number_goes_by_name_and_has_a_selector_that_no_call_has()
    {
        RecordingCpu cpu = new();
        new SeamcallModelClient(cpu).TryTdiRemove(new HostFunctionId(0x108), out _);
        Assert.Same(SeamcallCalls.TdiRemove, cpu.Called);
        Assert.Equal("rax=ffffffffffffffff rcx=108", cpu.Seen);
        Assert.Null(SeamcallCalls.TdiRemove.Number);
    }

    private static ulong Make(SeamcallClient c, string call) => call switch
    {
        "MemPageAdd" => c.TryMemPageAdd(0, 7, _td, 0x8000, 0x9000, out _, out _, out _),
        "MemPageAug" => c.TryMemPageAug(1, 7, _td, 0x8000, out _, out _, out _),
        "MemRangeBlock" => c.TryMemRangeBlock(0, 7, _td, out _, out _, out _),
        "MngCreate" => c.TryMngCreate(0x8000, 0x21),
        "MngKeyConfig" => c.TryMngKeyConfig(_td),
        "VpCreate" => c.TryVpCreate(0x2000, _td),
        "MrFinalize" => c.TryMrFinalize(_td),
        "VpFlush" => c.TryVpFlush(new TdvprId(0x2000)),
        "MngVpflushdone" => c.TryMngVpflushdone(_td),
        "MngKeyFreeid" => c.TryMngKeyFreeid(_td),
        "MngInit" => c.TryMngInit(_td, 0x8000, out _),
        "PhymemPageReclaim" => c.TryPhymemPageReclaim(0x8000, out _, out _, out _),
        "MemPageRemove" => c.TryMemPageRemove(0, 7, _td, out _, out _, out _),
        "SysRd" => c.TrySysRd(SeamcallConstants.Features0, out _, out _),
        "MemTrack" => c.TryMemTrack(_td),
        "PhymemCacheWb" => c.TryPhymemCacheWb(1),
        "PhymemPageWbinvd" => c.TryPhymemPageWbinvd(0x8000),
        "VpInit" => c.TryVpInit(new TdvprId(0x2000), 5, 3),
        "SysConfig" => c.TrySysConfig(0x8000, 4, 0x21, TdxFeatures0.Tdxconnect, 0x99),
        "IommuSetup" => c.TryIommuSetup(0x8000, 0x9000, out _),
        "IommuClear" => c.TryIommuClear(new IommuId(0x53), 0x9000),
        "SpdmCreate" => c.TrySpdmCreate(new HostFunctionId(0x108), 0x9000, out _),
        "SpdmDelete" => c.TrySpdmDelete(_session, 0x9000, out _),
        "IdeStreamCreate" => c.TryIdeStreamCreate(8, IdeStreamType.Selective, _session, 0x9000, 1, 2, 3, 4, 5, 6, out _, out _),
        "IdeStreamBlock" => c.TryIdeStreamBlock(_session, _stream),
        "IdeStreamDelete" => c.TryIdeStreamDelete(_session, _stream, 0x9000, out _),
        "IdeStreamKm" => c.TryIdeStreamKm(_session, _stream, IdeKmOp.Refresh, 0xA000, 0xB000, out _),
        "SpdmConnect" => c.TrySpdmConnect(_session, 0x9000, 0xA000, 0xB000, 0xC000, out _),
        "SpdmDisconnect" => c.TrySpdmDisconnect(_session, 0xA000, 0xB000, out _),
        _ => c.TrySpdmMng(_session, SpdmMngOp.KeyUpdate, 0x9000, 0xA000, 0xB000, 0xC000, out _),
    };
}
