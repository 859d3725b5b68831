using System.Reflection;
using TeeIo.Boundaries;
using TeeIo.Flow;
using TeeIo.Tdx.Seamcall;
using TeeIo.Tdx.Tdcall;

namespace TeeIo.Tdx.Tests.Boundaries;

/// <summary>What a client makes of the registers that come back, and which calls it makes at all.</summary>
public sealed class RegisterClientTests
{
    /// <summary>The calls whose numbers are public nowhere.</summary>
    public static TheoryData<string> Numberless => [.. Calls().Where(call => call.Info.Number is null).Select(call => call.Name)];

    [Theory]
    [MemberData(nameof(Numberless))]
    public void A_call_without_a_number_is_none_of_the_client_s_that_takes_real_hardware(string call)
    {
        Assert.Null(typeof(SeamcallClient).GetMethod("Try" + call));
        Assert.NotNull(typeof(SeamcallModelClient).GetMethod("Try" + call));
    }

    [Fact]
    public void A_client_of_calls_without_numbers_takes_no_transport_to_real_hardware()
    {
        Assert.Equal(typeof(RegisterTransport), TransportOf(typeof(SeamcallClient)));
        Assert.Equal(typeof(ModelRegisterTransport), TransportOf(typeof(SeamcallModelClient)));
        Assert.False(typeof(RegisterTransport).IsAssignableTo(typeof(ModelRegisterTransport)));
    }

    [Fact]
    public void Of_a_register_only_the_bits_of_each_result_count()
    {
        RecordingCpu cpu = new RecordingCpu().Answer(Register.Rcx, ulong.MaxValue);

        new TdcallClient(cpu).TryMemPageRelease(PageLevel.Size4k, 0, out PageLevel level, out ulong page, out bool wasMmio, out bool wasPending);

        Assert.Equal(((PageLevel)7, (1UL << 40) - 1, true, true), (level, page, wasMmio, wasPending));
    }

    [Theory]
    [InlineData(0UL)]
    [InlineData(0xFFFF_FFFFUL)] // details in the lower half
    public void A_status_without_its_upper_half_is_success(ulong status) =>
        Assert.Equal(3UL, new TdcallClient(new RecordingCpu().Answer(Register.Rax, status).Answer(Register.Rcx, 3)).TdiRd(default, TdiField.GetTdispState, 0));

    [Fact]
    public void A_listed_status_with_details_is_told_in_the_spec_s_words()
    {
        AbiException error = Fails(0xC000_0100_0000_0002);

        Assert.Equal("TDG.TDI.RD failed with OPERAND_INVALID: the id is not valid or not assigned to this TD.", error.Message);
        Assert.Equal((TdcallCalls.TdiRd, unchecked((long)0xC000_0100_0000_0002)), (error.Call, error.Outcome));
    }

    [Fact]
    public void A_status_that_the_call_does_not_list_is_told_by_its_name() =>
        Assert.Equal("TDG.TDI.RD failed with PAGE_ALREADY_ACCEPTED.", Fails(0x0000_0B0A_0000_0000).Message);

    [Fact]
    public void A_status_that_does_not_exist_is_told_by_its_number() => Assert.Contains("0xdead123400000000", Fails(0xDEAD_1234_0000_0005).Message, StringComparison.Ordinal);

    private static AbiException Fails(ulong status) => Assert.Throws<AbiException>(
        () => new TdcallClient(new RecordingCpu().Answer(Register.Rax, status)).TdiRd(default, TdiField.GetTdispState, 0));

    private static Type TransportOf(Type client) => client.GetConstructors().Single(c => c.GetParameters().Length > 0).GetParameters()[0].ParameterType;

    private static IEnumerable<(string Name, CallInfo Info)> Calls() => typeof(SeamcallCalls)
        .GetProperties(BindingFlags.Public | BindingFlags.Static)
        .Where(property => property.PropertyType == typeof(CallInfo))
        .Select(property => (property.Name, (CallInfo)property.GetValue(null)!))
        .Concat(typeof(SeamcallCalls).GetFields(BindingFlags.Public | BindingFlags.Static).Where(field => field.FieldType == typeof(CallInfo))
            .Select(field => (field.Name, (CallInfo)field.GetValue(null)!)));
}
