using CloudPhone.Shared.Work;

namespace CloudPhone.Devices.Installs;

/// <summary>The data of a phone were replaced by a copy: which apps it has now is to be found out once it runs. The row
/// goes when that is done.</summary>
public sealed class AppSurvey : DueRow
{
    public Guid DeviceId { get; set; }
}
