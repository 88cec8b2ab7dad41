using CloudPhone.Devices.Phones.Files;
using CloudPhone.Devices.Phones.Screen;
using CloudPhone.Devices.Phones.Shell;

namespace CloudPhone.Devices.Phones;

static class PhoneRoutes
{
    /// <summary>What is done within a phone, for its owner and operators.</summary>
    public static void MapPhones(this RouteGroupBuilder devices, DeviceOptions options)
    {
        var phone = devices.MapGroup("/{id:guid}").ProducesProblem(404).ProducesProblem(409).ProducesProblem(504);
        phone.MapScreenshot();
        phone.MapInput();
        phone.MapRotation();
        phone.MapLogs();
        phone.MapShell();
        phone.MapFiles(options);
    }
}
