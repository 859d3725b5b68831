using TeeIo.Pci.Tdisp;
using TeeIo.Sev.Ghcb;
using TeeIo.Sev.Kvm;
using TeeIo.Sev.Psp;

namespace TeeIo.Sev.Tests;

public sealed class KvmRecordTests
{
    [Fact]
    public void Exit_with_a_message()
    {
        string text = "04000000 08100000 0100 51 02 0080000000000000 0800000000000000 0010000000000000 0020000000000000 0000000E00000000 3C000000";
        Assert.True(KvmUserVmgexitTioReq.TryRead(Hex.Bytes(text), out KvmUserVmgexitTioReq exit));
        Assert.Equal((KvmVmgexitType.TioReq, new SbdfnId(0x1008), 1, TdiState.Run), (exit.Type, exit.GuestRid, exit.Ret, exit.TdiStatus));
        Assert.Equal(KvmTioReqFlags.State | KvmTioReqFlags.MmioValidate | KvmTioReqFlags.SdteValidate, exit.Flags);
        Assert.Equal((0x8000ul, 8ul, 0x1000ul, 0x2000ul, 0x0E000000ul, 0x3C), (exit.DataGpa, exit.DataNpages, exit.ReqSpa, exit.RspSpa, exit.Gpa, exit.FwErr));
    }

    [Fact]
    public void Exit_with_an_operation()
    {
        Assert.True(KvmUserVmgexitTioOp.TryRead(Hex.Bytes("05000000 08100000 02 000000 FFFFFFFF 00000000 2A00000000000000"), out KvmUserVmgexitTioOp exit));
        Assert.Equal((KvmVmgexitType.TioOp, (byte)TioOp.Run, -1, 0x2Aul), (exit.Type, exit.Op, exit.FwErr, exit.FwTdiId.Value));
    }

    [Fact]
    public void Launch_of_a_guest()
    {
        byte[] bytes = new byte[KvmSevCmd.ByteSize];
        new KvmSevCmd { Id = SevCmdId.SnpLaunchUpdate, Data = 0x1000, SevFd = new(5) }.Write(bytes);
        Hex.Equal("65000000 00000000 0010000000000000 00000000 05000000", bytes);
        bytes = new byte[KvmSevSnpLaunchUpdate.ByteSize];
        new KvmSevSnpLaunchUpdate { GfnStart = 1, Uaddr = 2, Len = 0x1000, Type = SnpPageType.Cpuid }.Write(bytes);
        Hex.Equal($"0100000000000000 0200000000000000 0010000000000000 06 {Hex.Zeros(39)}", bytes);
        bytes = new byte[KvmSevSnpLaunchFinish.ByteSize];
        KvmSevSnpLaunchFinish finish = new() { VcekDisabled = true };
        finish.HostData[0] = 0x77;
        finish.Write(bytes);
        Hex.Equal($"{Hex.Zeros(18)} 01 77 {Hex.Zeros(68)}", bytes);
    }
}
