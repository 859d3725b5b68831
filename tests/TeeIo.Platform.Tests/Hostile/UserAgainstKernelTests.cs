using System.Buffers.Binary;
using TeeIo.Boundaries;
using TeeIo.Hostile;
using TeeIo.Platform.Kernel;

namespace TeeIo.Platform.Tests.Hostile;

/// <summary>A VMM against the kernel: records of the ioctls that bind and that carry a guest's requests. Each machine gets a hundred changed records.</summary>
public sealed class UserAgainstKernelTests(ITestOutputHelper output)
{
    private const int RecordsEach = 100;
    private const uint Architecture = 3;
    private const int RequestLengthAt = 16;
    private const int ResponseLengthAt = 20;

    [Theory]
    [InlineData("seed-2025-05", 0x3B94u, 0u)]
    [InlineData("arm-v5", 0x3B96u, 0x3B95u)]
    [InlineData("next", 0x3B97u, 0x3B96u)]
    public void No_record_makes_the_kernel_fail_or_reach_a_device_that_is_not_bound(string profile, uint request, uint operation) =>
        MutationRun.Run(output, $"user against kernel, {profile}, {RecordsEach} records each", mutation => Judge(profile, request, operation, mutation), share: 4 * RecordsEach);

    private static string? Judge(string profile, uint request, uint operation, Mutation mutation)
    {
        string? wrong = null;
        TestMachine.Run(
            (machine, process) =>
            {
                var setup = new AssignedSetup(machine, process);
                machine.Vendor.Architecture = Architecture;
                setup.MapBar();
                List<byte[]> before = [];
                for (int i = 0; i < RecordsEach && wrong is null; i++)
                {
                    bool isOperation = operation != 0 && mutation.Once(4);
                    if (operation == 0 && mutation.Once(8)) _ = mutation.Once(2) ? setup.Seed.TryTsmBind(setup.Vdevice) : setup.Seed.TryTsmUnbind();
                    byte[] genuine = isOperation ? Operation(setup, mutation) : Request(setup, profile, mutation);
                    byte[] record = mutation.Once(4) ? genuine : mutation.Change(genuine, before);
                    before.Add(genuine);
                    wrong = Send(machine, process, setup, isOperation ? operation : request, profile == "seed-2025-05" ? 32 : 24, record, mutation);
                }
            },
            profile);
        return wrong;
    }

    private static string? Send(TestMachine machine, SoftwareProcess process, AssignedSetup setup, uint request, int pointerAt, byte[] record, Mutation mutation)
    {
        byte[] sent = new byte[mutation.Below(64)];
        byte[] room = new byte[mutation.Below(64)];
        machine.Vendor.LastRequest = null;
        bool isBound = machine.TsmFunctions.Any(f => f.Tdi is not null);
        var frame = new IoctlFrame(record);
        if (mutation.Once(2))
        {
            frame.Add(pointerAt, sent);
            frame.Add(pointerAt + sizeof(ulong), room);
            if (record.Length >= ResponseLengthAt + sizeof(uint) && mutation.Once(2))
            {
                BinaryPrimitives.WriteInt32LittleEndian(record.AsSpan(RequestLengthAt), sent.Length);
                BinaryPrimitives.WriteInt32LittleEndian(record.AsSpan(ResponseLengthAt), room.Length);
            }
        }

        SysResult result = process.Ioctl(setup.Iommufd.Fd, request, frame);
        if (machine.Vendor.LastRequest is not { } reached) return null;
        if (!isBound) return $"{Convert.ToHexString(record)} reached a driver whose device isn't bound";
        if (reached.Request > sent.Length || reached.Response > room.Length) return $"a driver got {reached.Request} and {reached.Response} bytes of {sent.Length} and {room.Length}";
        return result.IsOk && result.Value > room.Length ? $"{result.Value} bytes are left of {room.Length}" : null;
    }

    private static byte[] Operation(AssignedSetup setup, Mutation mutation) =>
        [16, 0, 0, 0, (byte)(1 + mutation.Below(2)), 0, 0, 0, 0, 0, 0, 0, .. BitConverter.GetBytes(setup.Vdevice.Value)];

    private static byte[] Request(AssignedSetup setup, string profile, Mutation mutation)
    {
        byte[] record = new byte[48];
        record[0] = 48;
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(4), setup.Vdevice.Value);
        record[8] = (byte)mutation.Below(5);
        if (profile == "next") record[12] = (byte)Architecture;
        return record;
    }
}
