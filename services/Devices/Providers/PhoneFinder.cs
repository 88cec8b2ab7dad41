using CloudPhone.Adb;

namespace CloudPhone.Devices.Providers;

/// <summary>
/// Tells the ADB client where a phone is, at each connection: a phone that moved has another address.
/// </summary>
static class PhoneFinder
{
    public static FindPhone Of(IDeviceProvider provider) => async (id, ct) =>
    {
        try
        {
            return (await provider.GetStateAsync(id, ct)).Adb ?? throw new AdbException(
                AdbFault.Unreachable, "The phone is off, or not up far enough to be reached.");
        }
        catch (ProviderException e)
        {
            throw new AdbException(AdbFault.Unreachable, e.Message, e);
        }
    };
}
